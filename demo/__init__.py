"""The demo: UCI Online Retail as a shop's history, an example site over it, decisions explained."""
