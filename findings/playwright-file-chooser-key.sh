#!/bin/sh
# playwright 1.65.2 with Chromium 156 (Debian's): expect_file_chooser() returns before the browser has been told to catch
# file choosers. A key that is pressed at once, as its documentation shows it for clicks, opens one that is never reported;
# a click works, since it waits for the element first. With a listener that is there beforehand the same key works. Seen:
#     key at once: no chooser
#     key after half a second: chooser
#     click at once: chooser
#     key, a listener beforehand: chooser
# Expected: a chooser each time. Ends with 1 when that is so. It needs a Chromium, as `apt install chromium` brings it.
set -eu
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check playwright==1.65.2 2>/dev/null
cd "$place"
cat > choose.py <<'PYTHON'
import sys

from playwright.sync_api import TimeoutError, sync_playwright

PAGE = """<button onclick="document.querySelector('input').click()">choose</button><input type=file hidden>"""


def try_it(name, press, page, wait=0):
    try:
        with page.expect_file_chooser(timeout=5000):
            page.wait_for_timeout(wait) if wait else None
            press()
        print(f"{name}: chooser")
    except TimeoutError:
        print(f"{name}: no chooser")


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=sys.argv[1], args=["--no-sandbox"])
    page = browser.new_page()
    page.set_content(PAGE)
    button = page.locator("button")
    button.focus()
    key = lambda: page.keyboard.press("Enter")
    try_it("key at once", key, page)
    try_it("key after half a second", key, page, wait=500)
    try_it("click at once", button.click, page)
    caught = []
    page.on("filechooser", lambda chooser: caught.append(chooser))
    page.wait_for_timeout(500)
    key()
    page.wait_for_timeout(2000)
    print("key, a listener beforehand:", "chooser" if caught else "no chooser")
    browser.close()
PYTHON
"$place/venv/bin/python" choose.py "$browser" | tee seen
grep -qx 'key at once: no chooser' seen
grep -qx 'key after half a second: chooser' seen
grep -qx 'click at once: chooser' seen
grep -qx 'key, a listener beforehand: chooser' seen
