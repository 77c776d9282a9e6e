"""The HTTP service: images at once, videos as jobs, in worker processes that may die."""
