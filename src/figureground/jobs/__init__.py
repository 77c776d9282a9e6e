"""One image, many images: plan, work, report."""
