#include "services/tree/adapters/nodes_to_pages.h"

namespace drover::tree {

// A third of each block is left for next versions of its rows (HOT: no index is touched). Pages
// are never compressed or moved out: they are made to fit.
const char* const kCreatePages = R"(
CREATE TABLE tree.pages (
  version   bigint NOT NULL,   -- another one with each change
  objects   boolean NOT NULL,  -- whether a node may be a management object
  device_id text COLLATE "C" NOT NULL,
  first_uri text COLLATE "C" NOT NULL,  -- empty: of the first page of a tree
  content   bytea NOT NULL,    -- services/tree/core/page.h
  PRIMARY KEY (device_id, first_uri)
) WITH (fillfactor = 65, toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.05,
        autovacuum_analyze_scale_factor = 0.05);
CREATE TABLE tree.large_values (
  device_id text COLLATE "C" NOT NULL,
  uri       text COLLATE "C" NOT NULL,
  value     bytea NOT NULL,
  PRIMARY KEY (device_id, uri)
);
-- A page is written over the version that was read, or the transaction begins again.
CREATE FUNCTION tree.all_or_again(written bigint, wanted bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF written <> wanted THEN
    RAISE EXCEPTION 'a page was changed by somebody else' USING ERRCODE = 'serialization_failure';
  END IF;
END $$;
)";

const char* const kDropPages = R"(
DROP FUNCTION tree.all_or_again(bigint, bigint);
DROP TABLE tree.large_values;
DROP TABLE tree.pages;
)";

// Entry by entry, as core/page.cc writes them: the base of a page is the latest time in it, a page
// begins anew every 1,400 octets or so (what a URI takes is guessed: 11).
const char* const kNodesToPages = R"(
CREATE FUNCTION tree.page_number(n bigint) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  octets bytea := '';
BEGIN
  WHILE n >= 128 OR n < 0 LOOP
    octets := octets || set_byte('\x00', 0, (n & 127)::int | 128);
    n := (n >> 7) & 144115188075855871;
  END LOOP;
  RETURN octets || set_byte('\x00', 0, n::int);
END $$;
CREATE FUNCTION tree.page_text(t bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS
  'SELECT tree.page_number(octet_length(t)) || t';
CREATE FUNCTION tree.page_micros(t timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  'SELECT (extract(epoch FROM t) * 1000000)::bigint';
CREATE FUNCTION tree.page_distance(a timestamptz, b timestamptz) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  d bigint := tree.page_micros(b) - tree.page_micros(a);
BEGIN
  RETURN tree.page_number((d << 1) # (d >> 63));
END $$;
CREATE FUNCTION tree.page_uri(before bytea, uri bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  shared int := 0;
BEGIN
  WHILE shared < octet_length(before) AND shared < octet_length(uri)
    AND get_byte(before, shared) = get_byte(uri, shared) LOOP
    shared := shared + 1;
  END LOOP;
  RETURN tree.page_number(shared) || tree.page_text(substr(uri, shared + 1));
END $$;

WITH sized AS (
  SELECT n.*, coalesce(octet_length(value), 0) > 512 AS large,
    sum(22 + coalesce(octet_length(acl), 0)
        + CASE WHEN octet_length(value) <= 512 THEN octet_length(value) ELSE 20 END)
      OVER (PARTITION BY device_id ORDER BY uri) / 1400 AS page
  FROM tree.nodes AS n
), placed AS (
  SELECT *, max(reported_at) OVER (PARTITION BY device_id, page) AS base,
    coalesce(lag(uri) OVER (PARTITION BY device_id, page ORDER BY uri), '') AS before
  FROM sized
), entries AS (
  SELECT device_id, page, uri, base, tree.page_uri(convert_to(before, 'UTF8'), convert_to(uri, 'UTF8'))
    || set_byte('\x00', 0, (value IS NOT NULL)::int + large::int * 2 + (reported_at = base)::int * 4
        + (since IS NOT NULL)::int * 8 + (acl IS NOT NULL)::int * 16
        + (format_text IS NOT NULL)::int * 32 + (type_text IS NOT NULL)::int * 64)
    || CASE WHEN reported_at = base THEN '' ELSE tree.page_distance(base, reported_at) END
    || coalesce(tree.page_distance(reported_at, since), '')
    || coalesce(tree.page_text(convert_to(format_text, 'UTF8')), tree.page_number(format))
    || coalesce(tree.page_text(convert_to(type_text, 'UTF8')), tree.page_number(type))
    || coalesce(tree.page_text(convert_to(acl, 'UTF8')), '')
    || CASE WHEN large THEN tree.page_number(octet_length(value)) || decode(md5(value), 'hex')
        ELSE coalesce(tree.page_text(value), '') END AS entry,
    format IN (0, 4) AND (type > 9 OR type_text IS NOT NULL) AS object
  FROM placed
)
INSERT INTO tree.pages (version, objects, device_id, first_uri, content)
SELECT 1, bool_or(object), device_id,
  CASE WHEN page = min(page) OVER (PARTITION BY device_id) THEN '' ELSE min(uri) END,
  '\x01'::bytea || int8send(tree.page_micros(min(base))) || string_agg(entry, '' ORDER BY uri)
FROM entries GROUP BY device_id, page;

INSERT INTO tree.large_values (device_id, uri, value)
SELECT device_id, uri, value FROM tree.nodes WHERE octet_length(value) > 512;

DROP FUNCTION tree.page_uri(bytea, bytea);
DROP FUNCTION tree.page_distance(timestamptz, timestamptz);
DROP FUNCTION tree.page_micros(timestamptz);
DROP FUNCTION tree.page_text(bytea);
DROP FUNCTION tree.page_number(bigint);
)";

// The loop reads what core/page.cc reads.
const char* const kPagesToNodes = R"(
CREATE FUNCTION tree.page_number(page bytea, INOUT at int, OUT n bigint) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  octet bigint;
  shift int := 0;
BEGIN
  n := 0;
  LOOP
    octet := get_byte(page, at);
    at := at + 1;
    n := n | ((octet & 127) << shift);
    shift := shift + 7;
    EXIT WHEN octet < 128;
  END LOOP;
END $$;
CREATE FUNCTION tree.page_text(page bytea, INOUT at int, OUT t bytea) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  octets bigint;
BEGIN
  SELECT * INTO at, octets FROM tree.page_number(page, at);
  t := substr(page, at + 1, octets::int);
  at := at + octets::int;
END $$;
CREATE FUNCTION tree.page_time(origin bigint, zigzag bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  'SELECT origin + (((zigzag >> 1) & 9223372036854775807) # -(zigzag & 1))';
CREATE FUNCTION tree.page_nodes(page bytea) RETURNS TABLE (uri text, format smallint, type smallint,
  reported_at bigint, since bigint, acl text, value bytea, large boolean, format_text text, type_text text)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  base bigint := ('x' || encode(substr(page, 2, 8), 'hex'))::bit(64)::bigint;
  at int := 9;
  before bytea := '';
  n bigint;
  t bytea;
  flags int;
BEGIN
  WHILE at < octet_length(page) LOOP
    SELECT * INTO at, n FROM tree.page_number(page, at);
    SELECT * INTO at, t FROM tree.page_text(page, at);
    before := substr(before, 1, n::int) || t;
    uri := convert_from(before, 'UTF8');
    flags := get_byte(page, at);
    at := at + 1;
    reported_at := base; since := NULL; acl := NULL; value := NULL;
    format := 0; type := 0; format_text := NULL; type_text := NULL;
    large := flags & 2 <> 0;
    IF flags & 4 = 0 THEN
      SELECT * INTO at, n FROM tree.page_number(page, at);
      reported_at := tree.page_time(base, n);
    END IF;
    IF flags & 8 <> 0 THEN
      SELECT * INTO at, n FROM tree.page_number(page, at);
      since := tree.page_time(reported_at, n);
    END IF;
    IF flags & 32 <> 0 THEN
      SELECT * INTO at, t FROM tree.page_text(page, at);
      format_text := convert_from(t, 'UTF8');
    ELSE
      SELECT * INTO at, n FROM tree.page_number(page, at);
      format := n;
    END IF;
    IF flags & 64 <> 0 THEN
      SELECT * INTO at, t FROM tree.page_text(page, at);
      type_text := convert_from(t, 'UTF8');
    ELSE
      SELECT * INTO at, n FROM tree.page_number(page, at);
      type := n;
    END IF;
    IF flags & 16 <> 0 THEN
      SELECT * INTO at, t FROM tree.page_text(page, at);
      acl := convert_from(t, 'UTF8');
    END IF;
    IF large THEN
      SELECT * INTO at, n FROM tree.page_number(page, at);
      at := at + 16;
    ELSIF flags & 1 <> 0 THEN
      SELECT * INTO at, value FROM tree.page_text(page, at);
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

INSERT INTO tree.nodes
  (device_id, uri, reported_at, format, type, value, format_text, type_text, since, acl)
SELECT p.device_id, n.uri, timestamptz 'epoch' + n.reported_at * interval '1 microsecond', n.format, n.type,
  CASE WHEN n.large THEN v.value ELSE n.value END, n.format_text, n.type_text,
  timestamptz 'epoch' + n.since * interval '1 microsecond', n.acl
FROM tree.pages AS p CROSS JOIN LATERAL tree.page_nodes(p.content) AS n
  LEFT JOIN tree.large_values AS v ON n.large AND v.device_id = p.device_id AND v.uri = n.uri;

DROP FUNCTION tree.page_nodes(bytea);
DROP FUNCTION tree.page_time(bigint, bigint);
DROP FUNCTION tree.page_text(bytea, int);
DROP FUNCTION tree.page_number(bytea, int);
)";

}  // namespace drover::tree
