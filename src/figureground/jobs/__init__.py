"""One picture, many pictures: plan, work, report."""
