"""Benefits: what an action gives. One action type a file; `registry.py` names them all."""
