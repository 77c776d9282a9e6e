# `make demo` removes the background of what is in examples/; `make test` checks everything,
# `make soak` for longer.
PYTHON ?= python3
BIN := .venv/bin

# Node and npm, where the machine has none, come with the extra `dev`.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test docs soak clean

$(BIN)/python:
	$(PYTHON) -m venv .venv

demo: $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check .
	$(BIN)/figureground remove examples/*.jpg -o demo --kind cutout,side-by-side,composite --background '#ff00ff'
	$(BIN)/figureground remove examples/astronaut.mp4 -o demo/astronaut.mp4 --background '#ff00ff'
	@echo "The results are in demo/"

test: $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[train,dev]'
	# Measures are tested against it, with its scikit-learn of `dev`; it asks for an older numpy than it needs.
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps pysodmetrics==1.6.2
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd web && npm ci --silent --no-audit --no-fund --ignore-scripts && npm run --silent check && npm test --silent
	$(BIN)/pytest --numprocesses logical

# The site, in build/site; NO_MKDOCS_2_WARNING silences an advertisement of the theme.
docs: $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

# Hundreds of odd videos, images, places and kills, thousands of damaged files, and the page in Chromium. Full disks
# are mounted in a namespace of their own, which needs Linux, and root or user namespaces.
soak: $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[train,dev]'
	$(BIN)/pip install --quiet --disable-pip-version-check playwright==1.65.2
	$(BIN)/pytest -m soak --numprocesses logical -o faulthandler_timeout=3600

clean:
	rm -rf .venv demo build dist
