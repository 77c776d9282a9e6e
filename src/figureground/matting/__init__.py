"""From arrays to arrays: mattes, foreground colours, new backgrounds."""
