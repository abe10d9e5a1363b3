"""The contract on the wire: SOAP 1.1 as a WCF basicHttpBinding speaks it (contract, sections 6 and 7)."""
