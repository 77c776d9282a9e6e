"""The catalogue of presets, and the weights that ship."""
