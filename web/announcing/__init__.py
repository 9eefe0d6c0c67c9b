"""How people find the pages on the local network: by mDNS, and by SSDP for Windows."""
