package source

import "golang.org/x/net/http/httpproxy"

// systemProxy is the proxy that the environment names (HTTP_PROXY, HTTPS_PROXY, NO_PROXY), read
// anew for each connection: net/http's own reads it once.
func systemProxy() proxyFunc { return httpproxy.FromEnvironment().ProxyFunc() }
