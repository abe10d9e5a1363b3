"""The agent API: the published REST interface for administrators' scripts and partner apps (behaviour P).

An operation is a POST to `/api/v1/Agents/ErpSync/<Operation>`. It calls one function of the service layer and shows
the result; what it takes and gives stands in `schemas`, what all operations have in common in `frame`.
"""
