INSERT INTO audit_head (chain, sequence, hash, mac)
SELECT seq, 0, REPEAT(CHAR(0), 32), REPEAT(CHAR(0), 32) FROM seq_0_to_15
