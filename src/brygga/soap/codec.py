"""The codec: calls and answers of the contract to and from SOAP 1.1 messages (contract, section 6).

Nothing is sent or received here. What is written keeps to the contract exactly, what is read is read liberally and
trusted in nothing.
"""

from brygga.soap.decode import Call, NotSoap, decode_request, decode_response
from brygga.soap.encode import encode_request, encode_response

__all__ = ["Call", "NotSoap", "decode_request", "decode_response", "encode_request", "encode_response"]
