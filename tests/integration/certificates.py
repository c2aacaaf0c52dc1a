"""Self-signed certificates for tests, made by the openssl program."""

import os
import ssl
import subprocess


def make(folder, name, file="server"):
    """A certificate for `name` and its key; (certificate path, key path)."""
    certificate = os.path.join(folder, f"{file}.crt")
    key = os.path.join(folder, f"{file}.key")
    subject_names = f"DNS:{name}" if not name[0].isdigit() else f"IP:{name}"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        + ["-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext"]
        + [f"subjectAltName={subject_names}", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    return certificate, key


def trust(certificate):
    """A client that accepts that certificate only, and checks its name."""
    return ssl.create_default_context(cafile=certificate)


def trust_all():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
