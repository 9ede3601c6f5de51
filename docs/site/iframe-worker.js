// Opened as files, pages may not start a Worker, which the search needs: it runs in a hidden frame instead.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.appendChild(this.frame);
      this.inside = this.frame.contentWindow;
      const inner = this.frame.contentDocument;
      // What the worker says goes to this page, and scripts that it wants are written behind its own.
      this.inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      this.inside.importScripts = (...urls) => urls.reduce((before, one) => before.then(() => load(one)), Promise.resolve());
      const load = (one) =>
        new Promise((done, failed) => {
          const script = inner.createElement("script");
          script.src = one;
          script.onload = done;
          script.onerror = failed;
          inner.body.appendChild(script);
        });
      this.ready = load(String(url));
    }

    set onmessage(listener) {
      this.addEventListener("message", listener);
    }

    postMessage(data) {
      this.ready.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data })));
    }

    terminate() {
      this.frame.remove();
    }
  };
}
