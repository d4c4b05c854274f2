// Files in a plain browser: what is saved is a download, what is opened is an upload.

export function download(name: string, content: string): boolean {
  const url = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000); // the browser has begun by then
  return true;
}

/** Asks for one file; undefined when somebody thought better of it. */
export async function askForFile(): Promise<{ name: string; text: string } | undefined> {
  const input = document.createElement('input');
  input.type = 'file';
  const file = await new Promise<File | undefined>((resolve) => {
    input.addEventListener('change', () => {
      resolve(input.files?.[0]);
    });
    input.addEventListener('cancel', () => {
      resolve(undefined);
    });
    input.click();
  });
  return file === undefined ? undefined : { name: file.name, text: await file.text() };
}
