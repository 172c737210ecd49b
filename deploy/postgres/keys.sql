-- Made by deploy/keys_rights.py; docs/keys.md says what each role is for.
CREATE TABLE epochs (
	epoch BIGINT NOT NULL, 
	wrapped BYTEA, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	PRIMARY KEY (epoch)
);
CREATE TABLE keys (
	owner_id TEXT NOT NULL, 
	sealed_class TEXT NOT NULL, 
	epoch BIGINT NOT NULL, 
	wrapped BYTEA, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	gone_at TIMESTAMP WITH TIME ZONE, 
	PRIMARY KEY (owner_id, sealed_class)
);
CREATE INDEX keys_by_epoch ON keys (epoch) WHERE wrapped IS NOT NULL;
CREATE INDEX keys_gone ON keys (owner_id, gone_at) WHERE gone_at IS NOT NULL;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO keeper, home, matching, partners, referrals, reporting, supervision, support;
ALTER TABLE keys ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON keys TO keeper;
CREATE POLICY keeper_all ON keys TO keeper USING (true) WITH CHECK (true);
DO $$ BEGIN IF current_setting('server_version_num')::int >= 170000 THEN EXECUTE 'GRANT MAINTAIN ON keys TO keeper'; END IF; END $$;
ALTER TABLE epochs ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON epochs TO keeper;
CREATE POLICY keeper_all ON epochs TO keeper USING (true) WITH CHECK (true);
DO $$ BEGIN IF current_setting('server_version_num')::int >= 170000 THEN EXECUTE 'GRANT MAINTAIN ON epochs TO keeper'; END IF; END $$;
GRANT SELECT, INSERT ON keys TO home;
CREATE POLICY home_opens ON keys FOR SELECT TO home USING (gone_at IS NOT NULL OR sealed_class IN ('called', 'names', 'safety'));
CREATE POLICY home_makes ON keys FOR INSERT TO home WITH CHECK (wrapped IS NOT NULL AND gone_at IS NULL AND sealed_class IN ('names'));
GRANT SELECT, UPDATE (made_at) ON epochs TO home;
CREATE POLICY home_sees ON epochs FOR SELECT TO home USING (true);
CREATE POLICY home_holds ON epochs FOR UPDATE TO home USING (true) WITH CHECK (false);
GRANT SELECT, INSERT ON keys TO matching;
CREATE POLICY matching_opens ON keys FOR SELECT TO matching USING (gone_at IS NOT NULL OR sealed_class IN ('called', 'experience', 'names', 'needs', 'safety', 'worry'));
CREATE POLICY matching_makes ON keys FOR INSERT TO matching WITH CHECK (wrapped IS NOT NULL AND gone_at IS NULL AND sealed_class IN ('experience', 'names', 'worry'));
GRANT SELECT, UPDATE (made_at) ON epochs TO matching;
CREATE POLICY matching_sees ON epochs FOR SELECT TO matching USING (true);
CREATE POLICY matching_holds ON epochs FOR UPDATE TO matching USING (true) WITH CHECK (false);
GRANT SELECT, INSERT ON keys TO partners;
CREATE POLICY partners_opens ON keys FOR SELECT TO partners USING (gone_at IS NOT NULL OR sealed_class IN ('called', 'link_word', 'marks', 'names', 'pass_key', 'second_factor', 'staff_contact'));
CREATE POLICY partners_makes ON keys FOR INSERT TO partners WITH CHECK (wrapped IS NOT NULL AND gone_at IS NULL AND sealed_class IN ('called', 'marks', 'names', 'pass_key', 'second_factor', 'staff_contact'));
GRANT SELECT, UPDATE (made_at) ON epochs TO partners;
CREATE POLICY partners_sees ON epochs FOR SELECT TO partners USING (true);
CREATE POLICY partners_holds ON epochs FOR UPDATE TO partners USING (true) WITH CHECK (false);
GRANT SELECT, INSERT ON keys TO referrals;
CREATE POLICY referrals_opens ON keys FOR SELECT TO referrals USING (gone_at IS NOT NULL OR sealed_class IN ('called', 'contact', 'link_word', 'marks', 'names', 'needs', 'notes', 'partner_key', 'raw', 'reporting', 'safety', 'search', 'worry'));
CREATE POLICY referrals_makes ON keys FOR INSERT TO referrals WITH CHECK (wrapped IS NOT NULL AND gone_at IS NULL AND sealed_class IN ('called', 'contact', 'link_word', 'marks', 'names', 'needs', 'notes', 'partner_key', 'raw', 'reporting', 'safety', 'search', 'worry'));
GRANT SELECT, UPDATE (made_at) ON epochs TO referrals;
CREATE POLICY referrals_sees ON epochs FOR SELECT TO referrals USING (true);
CREATE POLICY referrals_holds ON epochs FOR UPDATE TO referrals USING (true) WITH CHECK (false);
GRANT SELECT, INSERT ON keys TO reporting;
CREATE POLICY reporting_opens ON keys FOR SELECT TO reporting USING (gone_at IS NOT NULL OR sealed_class IN ('called', 'names', 'reporting'));
CREATE POLICY reporting_makes ON keys FOR INSERT TO reporting WITH CHECK (wrapped IS NOT NULL AND gone_at IS NULL AND sealed_class IN ('names'));
GRANT SELECT, UPDATE (made_at) ON epochs TO reporting;
CREATE POLICY reporting_sees ON epochs FOR SELECT TO reporting USING (true);
CREATE POLICY reporting_holds ON epochs FOR UPDATE TO reporting USING (true) WITH CHECK (false);
GRANT SELECT, INSERT ON keys TO supervision;
CREATE POLICY supervision_opens ON keys FOR SELECT TO supervision USING (gone_at IS NOT NULL OR sealed_class IN ('called', 'names', 'safety', 'worry'));
CREATE POLICY supervision_makes ON keys FOR INSERT TO supervision WITH CHECK (wrapped IS NOT NULL AND gone_at IS NULL AND sealed_class IN ('names', 'worry'));
GRANT SELECT, UPDATE (made_at) ON epochs TO supervision;
CREATE POLICY supervision_sees ON epochs FOR SELECT TO supervision USING (true);
CREATE POLICY supervision_holds ON epochs FOR UPDATE TO supervision USING (true) WITH CHECK (false);
GRANT SELECT, INSERT ON keys TO support;
CREATE POLICY support_opens ON keys FOR SELECT TO support USING (gone_at IS NOT NULL OR sealed_class IN ('called', 'names', 'safety', 'support_notes', 'worry'));
CREATE POLICY support_makes ON keys FOR INSERT TO support WITH CHECK (wrapped IS NOT NULL AND gone_at IS NULL AND sealed_class IN ('names', 'support_notes', 'worry'));
GRANT SELECT, UPDATE (made_at) ON epochs TO support;
CREATE POLICY support_sees ON epochs FOR SELECT TO support USING (true);
CREATE POLICY support_holds ON epochs FOR UPDATE TO support USING (true) WITH CHECK (false);
CREATE FUNCTION bury(owner text, names text[], at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
INSERT INTO keys (owner_id, sealed_class, epoch, wrapped, made_at, gone_at)
SELECT owner, name, 0, NULL, at, at FROM (
    SELECT unnest(names) UNION SELECT sealed_class FROM keys WHERE owner_id = owner
) AS graves(name)
ON CONFLICT (owner_id, sealed_class) DO UPDATE SET epoch = 0, wrapped = NULL, made_at = at, gone_at = at
WHERE keys.gone_at IS NULL
$$;
REVOKE ALL ON FUNCTION bury(text, text[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bury(text, text[], timestamptz) TO keeper, referrals;
DO $$ BEGIN IF current_setting('server_version_num')::int >= 170000 THEN EXECUTE 'GRANT MAINTAIN ON keys TO referrals'; END IF; END $$;
