"""Reports: sums over what was recorded, by intervals of the site's calendar."""
