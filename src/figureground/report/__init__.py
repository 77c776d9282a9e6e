"""What results look like on paper: pages, charts, contact sheets; and how much two masks overlap."""
