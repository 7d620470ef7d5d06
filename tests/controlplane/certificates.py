"""Keys and certificates of one test cluster, made with the openssl program."""
import os
import subprocess


def make(folder):
    """Writes into `folder`: ca.crt, server.crt/.key (127.0.0.1), client.crt/.key (a cluster
    administrator by certificate) and service-account.key."""
    def path(name):
        return os.path.join(folder, name)

    def openssl(*arguments):
        done = subprocess.run(("openssl",) + arguments, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise RuntimeError("openssl %s: %s" % (arguments[0], done.stdout.decode()[-500:]))

    with open(path("openssl.cnf"), "w") as f:
        f.write("[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=unused\n"
                "[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
                "subjectKeyIdentifier=hash\n"
                "[server]\nextendedKeyUsage=serverAuth\n"
                "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc\n"
                "[client]\nextendedKeyUsage=clientAuth\n")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config",
           path("openssl.cnf"))
    openssl("req", "-x509", *key, "-subj", "/CN=test-ca", "-extensions", "ca", "-days", "30",
            "-keyout", path("ca.key"), "-out", path("ca.crt"))
    for name, subject in (("server", "/CN=kube-apiserver"),
                          ("client", "/O=system:masters/CN=certificate-admin")):
        openssl("req", "-new", *key, "-subj", subject, "-keyout", path(name + ".key"),
                "-out", path(name + ".csr"))
        openssl("x509", "-req", "-in", path(name + ".csr"), "-CA", path("ca.crt"),
                "-CAkey", path("ca.key"), "-CAcreateserial", "-days", "30", "-extfile",
                path("openssl.cnf"), "-extensions", name, "-out", path(name + ".crt"))
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out",
            path("service-account.key"))
