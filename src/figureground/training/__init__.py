"""How networks are made. Needs TensorFlow: `pip install 'figureground[train]'`."""
