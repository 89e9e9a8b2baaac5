"""The texts of explanations: one TOML file a language, and what reads them (ADR 28)."""
