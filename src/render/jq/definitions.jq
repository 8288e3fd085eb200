# What jq has and jaq's own functions lack, or do otherwise. Each knows those above it only.
# Assignments in here are rewritten as those in a program are.

def null: [][0];
def true: 0 == 0;
def false: 0 != 0;
def not: if . then false else true end;
def select(f): if f then . else empty end;
def map(f): [.[] | f];
def map_values(f): .[] |= f;
def recurse(f): def all: ., (f | all); all;
def recurse: recurse(.[]?);
def recurse(f; condition): def all: ., (f | select(condition) | all); all;
def repeat(f): def all: f, all; all;
def while(condition; update): def all: if condition then ., (update | all) else empty end; all;
def until(condition; update): def all: if condition then . else update | all end; all;
def range($to): range(0; $to);
def walk(f):
  def all: if type == "object" then map_values(all) elif type == "array" then map(all) else . end | f;
  all;

def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type == "array" or type == "object");
def scalars: select(type != "array" and type != "object");
def isfinite: type == "number" and (isinfinite or isnan | not);
def finites: select(isfinite);
def normals: select(isnormal);

def first: .[0];
def last: .[-1];
def nth($n): .[$n];
def limit($n; f): if $n > 0 then _limit($n; f) elif $n == 0 then empty else f end;
def nth($n; f):
  if $n < 0 then error("nth doesn't support negative indices") else first(_skip($n; f)) end;
def isempty(f): first((f | false), true);
def all(f; condition): isempty(f | condition and empty);
def any(f; condition): isempty(f | condition or empty) | not;
def all(condition): all(.[]; condition);
def any(condition): any(.[]; condition);
def all: all(.[]; .);
def any: any(.[]; .);
def in(f): . as $key | f | has($key);
def inside(f): . as $part | f | contains($part);
def index($part): indices($part) | .[0];
def rindex($part): indices($part) | .[-1:][0];
def abs: if type == "number" then _absolute elif . < 0 then -. else . end;
def toarray: if type == "array" then . else [.] end;

def _first_or_null(f): first(f, null);
def min_by(f): _first_or_null(min_by_or_empty(f));
def max_by(f): _first_or_null(max_by_or_empty(f));
def min: min_by(.);
def max: max_by(.);
def add(f): reduce f as $value (null; . + $value);
def to_entries: [keys_unsorted[] as $key | {key: $key, value: .[$key]}];
def from_entries:
  reduce .[] as $entry ({}; . + ($entry
    | {(.key // .Key // .name // .Name): (if has("value") then .value else .Value end)}));
def with_entries(f): to_entries | map(f) | from_entries;
def reverse:
  if type == "string" then explode | _reversed | implode
  elif type == "null" then []
  else _reversed end;
def flatten($depth):
  def all($left): [.[] | if type == "array" and $left != 0 then all($left - 1)[] else . end];
  if $depth < 0 then error("flatten depth must not be negative") else all($depth) end;
def flatten: flatten(infinite);
def transpose: [range(0; map(length) | max // 0) as $column | [.[][$column]]];
def combinations:
  if length == 0 then [] else .[0][] as $first | (.[1:] | combinations) as $rest | [$first] + $rest end;
def combinations($n): . as $all | [range($n) | $all] | combinations;
def unique_by(f): [group_by(f)[] | .[0]];
def unique: unique_by(.);

def paths: path(..) | select(length > 0);
def paths(f): path(.. | select(f)) | select(length > 0);
def leaf_paths: paths(scalars);
def del(f): delpaths([path(f)]);
def pick(f): . as $whole | reduce path(f) as $path (null; setpath($path; $whole | getpath($path)));

def tostream:
  def all($path):
    if (type == "array" or type == "object") and length > 0 then
      keys_unsorted as $keys
      | ($keys[] as $key | .[$key] | all($path + [$key])), [$path + $keys[-1:]]
    else [$path, .] end;
  all([]);
def fromstream(f):
  foreach f as $event ({};
    if .is_whole then {} else . end
    | if $event | length == 2
      then .is_whole = ($event[0] | length == 0) | setpath(["value"] + $event[0]; $event[1])
      else .is_whole = ($event[0] | length == 1) end;
    if .is_whole then .value else empty end);
def truncate_stream(f):
  . as $depth | null | f | if .[0] | length > $depth then .[0] |= .[$depth:] else empty end;
def truncate_stream($depth; f): $depth | truncate_stream(f);

def INDEX(f; key): reduce f as $row ({}; .[$row | key | tostring] = $row);
def INDEX(key): INDEX(.[]; key);
def IN(f): any(f == .; .);
def IN(f; g): any(f == g; .);
def JOIN($index; key): [.[] | [., $index[key]]];
def JOIN($index; f; key): f | [., $index[key]];
def JOIN($index; f; key; join): f | [., $index[key]] | join;

def ascii: [.] | implode;
def _pair: if type == "array" then [.[0], .[1]] else [., null] end;
def match($re; $flags): _matches($re; $flags)[];
def match($value): ($value | _pair) as [$re, $flags] | match($re; $flags);
def test($value): ($value | _pair) as [$re, $flags] | test($re; $flags);
def _named: reduce (.captures[] | select(.name != null)) as $group ({}; .[$group.name] = $group.string);
def capture($re; $flags): match($re; $flags) | _named;
def capture($value): ($value | _pair) as [$re, $flags] | capture($re; $flags);
def scan($re; $flags):
  match($re; "g" + $flags) | if .captures | length > 0 then [.captures[].string] else .string end;
def scan($re): scan($re; null);
def split($re; $flags): _split($re; "g" + $flags);
def splits($re; $flags): split($re; $flags)[];
def splits($re): splits($re; null);
def sub($re; f): sub($re; f; "");
def gsub($re; f; $flags): sub($re; f; $flags + "g");
def gsub($re; f): sub($re; f; "g");

def _time:
  if type == "number" and (fabs > 200000000000) then error("\(.) is not a time that a date has") else . end;
# In the C locale, as jq has it: jaq's are neutral of any locale.
def _as_in_c:
  if type == "string"
  then gsub("%(?<name>[%cx])"; {"%": "%%", c: "%a %b %e %H:%M:%S %Y", x: "%m/%d/%y"}[.name])
  else . end;
def strftime($format): _time | _strftime($format | _as_in_c);
def gmtime: _time | _gmtime;
def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ");
def todate: todateiso8601;
def fromdate: fromdateiso8601;
def date: todate;
def dateadd(unit; $n): . + $n;
def datesub(unit; $n): . - $n;

# stderr is for the one error of the program: nothing is logged there.
def debug: .;
def debug(f): .;
def stderr: .;
def halt_error: halt_error(5);
def have_literal_numbers: true;
def have_decnum: false;

def nearbyint: rint;
def pow10: exp10;
def gamma: lgamma;
def lgamma_r: [lgamma, if . < 0 and floor % 2 != 0 then -1 else 1 end];
def drem($x; $y): remainder($x; $y);
def nexttoward($x; $y): nextafter($x; $y);
def scalb($x; $n): $x * ($n | exp2);
def scalbln($x; $n): ldexp($x; $n);
def logb:
  if . == 0 then -infinite elif isinfinite then infinite elif isnan then . else ilogb end;
def significand:
  if . == 0 or isinfinite or isnan then . else . / (ilogb | exp2) end;

def @text: format("text");
def @json: format("json");
def @csv: format("csv");
def @tsv: format("tsv");
def @html: format("html");
def @uri: format("uri");
def @sh: format("sh");
def @base64: format("base64");
def @base64d: format("base64d");
def @base32: format("base32");
def @base32d: format("base32d");
