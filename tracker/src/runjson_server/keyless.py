"""What a browser shows that comes to `runjson ui` without the key: where the address is that holds it."""

from __future__ import annotations

from typing import Final

from runjson_tracker.policy import hash_source
from starlette.responses import HTMLResponse

_STYLE: Final = """\
:root { color-scheme: light dark; }
body {
  display: grid; place-items: center; min-height: 100vh; margin: 0; padding: 1rem; box-sizing: border-box;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  background: light-dark(#f6f6f8, #0f1117); color: light-dark(#191c26, #eceef4);
}
main {
  max-width: 34rem; padding: 2rem; border: 1px solid light-dark(#e2e4ea, #272c3a); border-radius: 0.75rem;
  background: light-dark(#ffffff, #151821);
}
h1 { margin: 0 0 0.75rem; font-size: 1.25rem; letter-spacing: -0.01em; }
p, ul { margin: 0 0 0.75rem; }
ul { padding-left: 1.25rem; }
li + li { margin-top: 0.35rem; }
.last { margin: 0; color: light-dark(#656b7b, #969db0); font-size: 13px; }
code { font-family: ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; font-size: 0.9em; overflow-wrap: anywhere; }
"""
_PAGE: Final = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The key is missing · RunJSON</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>This page opens with a key</h1>
<p>Other users and programs of this machine can reach this address too, so <code>runjson ui</code> shows your runs
to who has its key alone. This browser has none, or one of a server that has ended.</p>
<ul>
<li>Go to the terminal in which <code>runjson ui</code> runs, and open the whole address that it printed. It ends with
<code>?key=…</code>, and the part behind that is the key.</li>
<li>Or end it there with Ctrl+C, and begin it anew: it opens the browser by itself.</li>
</ul>
<p class="last">The key is made anew each time. A browser that came with it once needs it no more, as long as that
server runs.</p>
</main>
</body>
</html>
"""
# No script and nothing from anywhere: the one style of the page is known by its digest.
_POLICY: Final = (
    f"default-src 'none'; style-src {hash_source(_STYLE.encode())}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def keyless_page() -> HTMLResponse:
    """The page, which says nothing of what is tracked here."""
    return HTMLResponse(_PAGE, 401, {"Content-Security-Policy": _POLICY})
