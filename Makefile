# `make demo` removes the background of what is in examples/; `make test` checks everything,
# `make soak` for longer. CONTRIBUTING.md says what the others are for.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check
LARGEST := 45000000  # bytes of a wheel

# Node and npm, where the machine has none, come with the extra `dev`.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo install lint library test coverage docs soak test-lowest dist release-check sbom audit clean

$(BIN)/python:
	$(PYTHON) -m venv .venv

demo: $(BIN)/python
	$(PIP) install .
	$(BIN)/figureground remove examples/*.jpg -o demo --kind cutout,side-by-side,composite --background '#ff00ff'
	$(BIN)/figureground remove examples/astronaut.mp4 -o demo/astronaut.mp4 --background '#ff00ff'
	@echo "The results are in demo/"

install: $(BIN)/python
	$(PIP) install -e '.[train,dev]'
	# Measures are tested against it, with its scikit-learn of `dev`; it asks for an older numpy than it needs.
	$(PIP) install --no-deps pysodmetrics==1.6.2

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/mypy.ini tests

library: install
	cd web && npm ci --silent --no-audit --no-fund --ignore-scripts && npm run --silent check && npm test --silent

test: lint library
	$(BIN)/pytest --numprocesses logical --dist worksteal

# The tests of `make test`, and how many lines of the package they run.
coverage: install library
	$(BIN)/pytest --numprocesses logical --dist worksteal --cov

# The site, in build/site; NO_MKDOCS_2_WARNING silences an advertisement of the theme.
docs: $(BIN)/python
	$(PIP) install -e '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

# Hundreds of odd videos, images, places and kills, thousands of damaged files, and the page in Chromium. Full disks
# are mounted in a namespace of their own, which needs Linux, and root or user namespaces.
soak: install
	$(PIP) install playwright==1.65.2 matplotlib sounddevice
	# MediaPipe asks for another build of OpenCV, which would take the place of ours.
	$(PIP) install --no-deps mediapipe==1.2.3
	$(BIN)/pytest -m soak --numprocesses logical --dist worksteal -o faulthandler_timeout=3600

# What removal needs, with the oldest versions that pyproject.toml allows, in an environment of its own.
test-lowest: $(BIN)/python
	$(PIP) install uv
	$(BIN)/uv venv --quiet --clear --python $(PYTHON) build/lowest
	$(BIN)/uv pip install --quiet --python build/lowest --resolution lowest-direct . --group runtime
	$(BIN)/uv pip install --quiet --python build/lowest --no-deps --reinstall-package figureground .
	tools/runtime_tests.sh build/lowest/bin/python

# The wheel and the sdist, and once more from the unpacked sdist: the same bytes, and not too many.
dist: $(BIN)/python
	$(PIP) install build
	rm -rf dist build/again
	mkdir -p build/again
	$(BIN)/python -m build --outdir dist .
	tar -xzf dist/figureground-*.tar.gz -C build/again
	$(BIN)/python -m build --outdir build/again build/again/figureground-*/
	cd dist && for file in figureground-*; do cmp $$file ../build/again/$$file && wc -c $$file; done
	test $$(wc -c < $$(ls dist/*.whl)) -le $(LARGEST)

release-check: dist
	tools/check_wheel.sh dist/figureground-*.whl $(PYTHON)

# What `pip install figureground` brings, and each extra that removal can have.
build/installed/bin/python: pyproject.toml
	$(PYTHON) -m venv build/installed
	build/installed/bin/python -m pip --quiet --disable-pip-version-check install '.[heif,remote,onnx,serve]'

sbom: build/installed/bin/python $(BIN)/python
	$(PIP) install cyclonedx-bom
	mkdir -p dist
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o dist/sbom.json build/installed

audit: build/installed/bin/python $(BIN)/python
	$(PIP) install pip-audit
	build/installed/bin/python -m pip freeze --exclude figureground > build/installed.txt
	$(BIN)/pip-audit --strict --no-deps --disable-pip -r build/installed.txt

clean:
	rm -rf .venv demo build dist
