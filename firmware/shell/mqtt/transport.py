"""A connected stream to the broker: TCP without Nagle's delay, and TLS that verifies before it sends."""

import asyncio
import errno
import select
import socket

from shell.mqtt.errors import LinkDownError

#: The same numbers on Linux and on lwIP; MicroPython's unix port does not name them.
_IPPROTO_TCP, _TCP_NODELAY = 6, 1
#: How often a pending TCP connection is looked at.
_POLL_MS = 5


def tls_context(ca_der, certificate_der=None, key_der=None):
    """An SSLContext that trusts one CA (DER) and nothing else. Make it once at boot: it needs 3 KB in one piece.

    With a certificate and key (DER) the terminal also proves itself to the broker (mutual TLS).
    """
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED  # type: ignore[attr-defined]  # only the stubs lack it
    context.load_verify_locations(cadata=ca_der)
    if certificate_der is not None:
        context.load_cert_chain(certificate_der, key_der)
    return context


async def open_stream(host, port, tls=None, server_name=None):
    """Connect and return (stream, raw socket). OSError if it fails; the caller sets the time limit by cancelling.

    With TLS the handshake runs inside the first write: mbedTLS sends no application byte before the certificate chain,
    the dates and `server_name` have been verified.
    """
    if tls is not None and not (server_name or host):
        raise LinkDownError("TLS needs the broker's name to check its certificate against")
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)  # noqa: FBT003
        sock.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
        try:
            sock.connect(address)
        except OSError as error:
            if error.errno != errno.EINPROGRESS:
                raise
        poller = select.poll()
        poller.register(sock, select.POLLOUT)
        while not poller.poll(0):
            await asyncio.sleep_ms(_POLL_MS)
        poller.unregister(sock)
        if tls is None:
            return asyncio.StreamReader(sock), sock
        secure = tls.wrap_socket(sock, server_hostname=server_name or host, do_handshake_on_connect=False)
        secure.setblocking(False)  # noqa: FBT003
        return asyncio.StreamReader(secure), secure
    except BaseException:
        sock.close()
        raise
