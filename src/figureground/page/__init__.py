"""The web page: built files in `static/`, and what puts them where a browser finds them."""
