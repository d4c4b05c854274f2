/**
 * Whether lists are drawn in a document of their own: where WebKit scrolls without a GPU, as in the window on Linux
 * (app.go). It paints all of an element that is scrolled, but of a document only what comes into view.
 */
export const apart = location.protocol === 'wails:' && navigator.platform.startsWith('Linux');
