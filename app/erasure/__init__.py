"""Forgetting a person: where data of persons can be, taking it away, and handing it over before."""
