ALTER TABLE enterprise ADD KEY enterprise_legal_rep (legal_rep_id_hash)
