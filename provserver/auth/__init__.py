"""
Who may ask REST for what: tokens that provd keeps itself, or those of an external server.

`kept.py` and `external.py` are the two providers of `IAuthenticator`; `command.py` is the program `provd-token`.
"""
