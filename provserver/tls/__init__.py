"""
TLS of provd's own ports: certificate and key from files, who the phones say they are, and what is spoken.

`pem.py` reads the files, `contexts.py` makes OpenSSL's contexts of them, `clients.py` judges phones' certificates,
`files.py` keeps all of it fresh, `listening.py` puts it in front of a factory. Outgoing TLS is with who calls.
"""
