"""Cart rules of Adobe Commerce: its JSON to bodies of cart rules, and back."""
