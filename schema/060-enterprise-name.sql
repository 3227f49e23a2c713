ALTER TABLE enterprise ADD KEY enterprise_name (name)
