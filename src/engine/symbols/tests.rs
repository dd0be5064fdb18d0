//! What each scanner finds, and that nothing makes one fail.

use super::*;
use proptest::prelude::*;

/// Each definition as `line kind name`, with ` of CONTAINER` where there is one.
fn of(path: &str, text: &str) -> Vec<String> {
    Scanner::default()
        .all(path.as_bytes(), text.as_bytes())
        .iter()
        .map(|it| {
            let name = String::from_utf8_lossy(it.name);
            let container = String::from_utf8_lossy(it.container);
            let of = if container.is_empty() { "" } else { " of " };
            format!("{} {} {name}{of}{container}", it.line, it.kind.name())
        })
        .collect()
}

#[track_caller]
fn finds(path: &str, text: &str, expected: &[&str]) {
    assert_eq!(of(path, text), expected, "{path}");
}

#[test]
fn python() {
    finds(
        "a.py",
        "\"\"\"def no(): class No\"\"\"\nLIMIT: int = 3\nclass A(B):\n    KIND = 'x'\n    async def run(self):\n        \
         def inner(): pass\n        LOCAL = 1\n    # def comment(): pass\n    def stop(self): pass\nx = 'def text()'\n\
         def f(a=[\nNOT, ]): pass\nif A == 1: pass\n",
        &[
            "2 constant LIMIT",
            "3 class A",
            "4 constant KIND of A",
            "5 method run of A",
            "6 function inner",
            "9 method stop of A",
            "11 function f",
        ],
    );
}

#[test]
fn typescript_and_javascript() {
    finds(
        "a.ts",
        "export const LIMIT = 3;\nexport const run = async (a: string): Promise<void> => { const LOCAL = 1; };\n\
         export class Users<T> extends Base {\n  private readonly size = 1;\n  constructor(private a: string) { super(); }\n  \
         @Get('x')\n  async find<T>(id: string): Promise<{ a: T }> {\n    if (id) { this.find(id); }\n    return call(id);\n  }\n  \
         get name() { return `a ${b(`x`)} function no() {}`; }\n  save = (x: number): void => { go(x); };\n  delete(id) { }\n}\n\
         interface Shape { area(scale?: number): number; size: number }\ntype Id = string | number;\n\
         enum Color { Red, Green = 'g' }\nfunction* walk() { const re = /function x() {}'/; }\n\
         const api = {\n  load: function () {},\n  store(x) { return x },\n  drop: (x) => x,\n  kept: 1,\n};\n\
         Foo.prototype.bar = function () {};\ndeclare function outside(a: string): void;\nlet result = (function () {})();\n",
        &[
            "1 constant LIMIT",
            "2 function run",
            "3 class Users",
            "5 method constructor of Users",
            "7 method find of Users",
            "11 method name of Users",
            "12 method save of Users",
            "13 method delete of Users",
            "15 interface Shape",
            "15 method area of Shape",
            "16 type Id",
            "17 enum Color",
            "17 constant Red of Color",
            "17 constant Green of Color",
            "18 function walk",
            "19 constant api",
            "20 method load",
            "21 method store",
            "22 method drop",
            "25 function bar",
            "26 function outside",
        ],
    );
}

#[test]
fn markup_within_scripts() {
    finds(
        "a.tsx",
        "export function Page() {\n  return <p title=\"a {\">Don't {\"x\"} <b onClick={() => { go() }}>it's</b></p>;\n}\n\
         const Wide = () => (\n  <Grid columns={{\n    render: (row) => row.id,\n  }} />\n);\nfunction last<T,>(a: T) { return a < 1 }\n",
        &["1 function Page", "4 function Wide", "6 method render", "9 function last"],
    );
    finds(
        "a.vue",
        "<template><p>function no() {}</p></template>\n<script lang=\"ts\">\nexport default {\n  methods: {\n    load() { return 1 },\n  },\n}\n</script>\n",
        &["5 method load"],
    );
    finds(
        "a.svelte",
        "<script>\n  export let a;\n  const go = () => 1;\n</script>\n<p/>",
        &["3 function go"],
    );
}

#[test]
fn java() {
    finds(
        "A.java",
        "package a;\n@Service(\"class No {\")\npublic class Users extends Base<Map<String, List<A>>> {\n  \
         private static final int LIMIT = 3, MOST = 4;\n  private final Map<String, Integer> sizes = new HashMap<>();\n  \
         public Users(A a) { super(a); }\n  @Override\n  public <T> List<T> find(@Valid String id) throws E {\n    \
         if (id.equals(x)) { return find(id); }\n    return new Runnable() { public void run() { } };\n  }\n  \
         abstract void stop();\n  enum Color { RED(1), GREEN { void paint() {} }; Color(int a) { } }\n}\n\
         interface Shape { int SIDES = 4; double area(); }\nrecord Point(int x, int y) { Point { check(x); } }\n",
        &[
            "3 class Users",
            "4 constant LIMIT of Users",
            "4 constant MOST of Users",
            "6 method Users of Users",
            "8 method find of Users",
            "10 method run of Runnable",
            "12 method stop of Users",
            "13 enum Color of Users",
            "13 constant RED of Color",
            "13 constant GREEN of Color",
            "13 method paint of Color",
            "13 method Color of Color",
            "15 interface Shape",
            "15 constant SIDES of Shape",
            "15 method area of Shape",
            "16 class Point",
            "16 method Point of Point",
        ],
    );
}

#[test]
fn csharp() {
    finds(
        "A.cs",
        "namespace Shop.Api;\n#region class No\npublic sealed class Users(IDb db) : Base<string>, IUsers where T : class\n{\n  \
         private const int Limit = 3;\n  public string Name { get; set; } = \"{ class No\";\n  public int Size => Count(1);\n  \
         [HttpGet(\"x\")]\n  public async Task<List<T>> Find<T>(string id) where T : new()\n  {\n    \
         var text = $\"{Go(\"a\")} {{\";\n    int Local(int a) => a;\n    return await Find(id);\n  }\n  \
         public (int, string) Pair() => (1, @\"\"\"{\");\n  public static bool operator ==(A a, A b) => true;\n}\n\
         public enum Color { Red, Green = 2 }\npublic record Point(int X);\npublic delegate void Done(int code);\n",
        &[
            "1 module Api",
            "3 class Users",
            "5 constant Limit of Users",
            "6 property Name of Users",
            "7 property Size of Users",
            "9 method Find of Users",
            "12 function Local",
            "15 method Pair of Users",
            "18 enum Color",
            "18 constant Red of Color",
            "18 constant Green of Color",
            "19 class Point",
            "20 type Done",
        ],
    );
}

#[test]
fn go() {
    finds(
        "a.go",
        "package a\nconst Limit = 3\nconst (\n\tA = iota\n\tB\n)\nvar ErrGone = errors.New(`func no() {`)\n\
         type Server struct {\n\tName string\n}\ntype Store interface {\n\tGet(id string) error\n}\ntype (\n\tID int\n)\n\
         func (s *Server[T]) Handle(w http.ResponseWriter) error {\n\tconst local = 1\n\ttype row struct{}\n\treturn nil\n}\n\
         func Run() (a int, err error) { return }\n",
        &[
            "2 constant Limit",
            "4 constant A",
            "5 constant B",
            "7 property ErrGone",
            "8 class Server",
            "11 interface Store",
            "12 method Get of Store",
            "15 type ID",
            "17 method Handle of Server",
            "19 class row",
            "22 function Run",
        ],
    );
}

#[test]
fn rust() {
    finds(
        "a.rs",
        "//! fn no()\npub const LIMIT: usize = 3;\nstruct A<'a>(&'a str);\nenum E { One, #[x] Two(u8), Three { a: u8 } }\n\
         impl<'a> fmt::Display for A<'a> {\n    fn fmt(&self) -> Result { let x = r#\"fn no() {\"#; }\n}\n\
         trait T: Send { type Item; fn go(&self); const N: u8; }\nmod inner { pub(crate) async fn deep() {} }\n\
         macro_rules! make { () => { fn hidden() {} } }\nfn f(c: *const u8, g: fn(u8)) -> impl Fn(u8) { '{'; |x| x }\n",
        &[
            "2 constant LIMIT",
            "3 class A",
            "4 enum E",
            "4 constant One of E",
            "4 constant Two of E",
            "4 constant Three of E",
            "6 method fmt of A",
            "8 interface T",
            "8 type Item of T",
            "8 method go of T",
            "8 constant N of T",
            "9 module inner",
            "9 function deep",
            "10 macro make",
            "11 function f",
        ],
    );
}

#[test]
fn ruby_and_elixir() {
    finds(
        "a.rb",
        "module Shop\n  class Users < Base\n    LIMIT = 3\n    attr_reader :name, :size\n    private def check?(a) = a\n    \
         def self.find(id)\n      <<~SQL\n        def no\n      SQL\n      x = /def no'/\n    end\n    class << self\n      def build; end\n    \
         end\n    def name=(a); end\n  end\nend\nlink_to x, class: \"no\"\n",
        &[
            "1 module Shop",
            "2 class Users of Shop",
            "3 constant LIMIT of Users",
            "4 property name of Users",
            "4 property size of Users",
            "5 method check? of Users",
            "6 method find of Users",
            "13 method build of Users",
            "15 method name= of Users",
        ],
    );
    finds(
        "a.ex",
        "defmodule Shop.Users do\n  @doc \"\"\"\n  def no\n  \"\"\"\n  def find(id) when is_binary(id), do: ~r/def no/\n  \
         defp valid?(x), do: x\n  defmacro build(a) do\n  end\nend\n",
        &[
            "1 module Users",
            "5 function find of Users",
            "6 function valid? of Users",
            "7 macro build of Users",
        ],
    );
}

#[test]
fn php() {
    finds(
        "a.php",
        "<p>function no() {}</p>\n<?php\n# class No\nfinal class Users extends Base {\n  const int LIMIT = 3, MOST = 4;\n  \
         public function find(string $class): ?User { return $this->function(<<<SQL\n  function no() {\n  SQL); }\n  \
         abstract protected static function &make();\n}\nenum Suit: string { case Hearts = 'h'; }\n\
         function go() { switch (1) { case No: } return function () {}; }\n$x = new class { function inner() {} };\nUsers::class;\n",
        &[
            "4 class Users",
            "5 constant LIMIT of Users",
            "5 constant MOST of Users",
            "6 method find of Users",
            "9 method make of Users",
            "11 enum Suit",
            "11 constant Hearts of Suit",
            "12 function go",
            "13 method inner",
        ],
    );
}

#[test]
fn c_and_cpp() {
    finds(
        "a.c",
        "#define LIMIT 3\n#define MAX(a, b) \\\n  ((a) > (b))\nstruct device { int a; };\ntypedef struct { int b; } part_t;\n\
         typedef int (*callback)(void *);\nenum state { IDLE, BUSY = 2 };\nstatic const struct ops my_ops = { .open = open_it };\n\
         static int __init open_it(struct device *it)\n{\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t}\n\treturn 0;\n}\n\
         int prototype(void);\n__printf(1, 2) void say(const char *format, ...) { }\nint *table[] = { 1, 2 };\nlong last(void) { return '{'; }\n",
        &[
            "1 constant LIMIT",
            "2 macro MAX",
            "4 class device",
            "5 type part_t",
            "6 type callback",
            "7 enum state",
            "7 constant IDLE of state",
            "7 constant BUSY of state",
            "8 constant my_ops",
            "9 function open_it",
            "20 function say",
            "22 function last",
        ],
    );
    finds(
        "a.cpp",
        "namespace shop::api {\ntemplate <typename T = X<int>>\nclass Users : public Base<T> {\n public:\n  \
         explicit Users(int a) : Base(a), size_{1} { go(); }\n  int size() const override { return size_; }\n  void later();\n \
         private:\n  enum class Kind : int { One };\n};\nvoid Users<int>::later() { auto f = [] { return 1; }; }\n\
         using Id = int;\nconstexpr int kLimit{3};\nTEST(Suite, Finds) { }\nauto text = R\"x(class No {)x\";\n}\n",
        &[
            "1 module api",
            "3 class Users",
            "5 method Users of Users",
            "6 method size of Users",
            "9 enum Kind of Users",
            "9 constant One of Kind",
            "11 method later of Users",
            "12 type Id",
            "13 constant kLimit",
            "14 function Finds",
        ],
    );
}

#[test]
fn kotlin_swift_scala_dart() {
    finds(
        "a.kt",
        "const val LIMIT = 3\ndata class Point(val x: Int)\nclass Users(private val a: A) : Base(a) {\n  val size: Int get() = 1\n  \
         companion object { fun build() = \"${go(\"class No\")}\" }\n  override fun <T> find(id: T): T? { val local = 1; return id }\n}\n\
         fun List<String>.joined() = 1\nenum class Color { RED, GREEN; fun mix() {} }\ntypealias Id = String\nval c = Users::class\n",
        &[
            "1 constant LIMIT",
            "2 class Point",
            "3 class Users",
            "4 constant size of Users",
            "5 method build",
            "6 method find of Users",
            "8 function joined",
            "9 enum Color",
            "9 constant RED of Color",
            "9 constant GREEN of Color",
            "9 method mix of Color",
            "10 type Id",
            "11 constant c",
        ],
    );
    finds(
        "a.swift",
        "struct Point { let x: Int; static func zero() -> Point { let y = 1 } }\nenum Color: String { case red, green(Int)\n case blue = \"b\" }\n\
         extension Point: Sized { var size: Int { 1 } }\nprotocol Sized { associatedtype Unit; func measure() }\n\
         class Users { class func make() {} }\nfunc run() { switch x { case .red: break } }\nlet text = \"\\(go(\"func no()\"))\"\n",
        &[
            "1 class Point",
            "1 property x of Point",
            "1 method zero of Point",
            "2 enum Color",
            "2 constant red of Color",
            "2 constant green of Color",
            "3 constant blue of Color",
            "4 property size of Point",
            "5 interface Sized",
            "5 type Unit of Sized",
            "5 method measure of Sized",
            "6 class Users",
            "6 method make of Users",
            "7 function run",
            "8 property text",
        ],
    );
    finds(
        "a.scala",
        "object Main extends App {\n  val Limit = 3\n  case class Point(x: Int)\n  def find[T](id: T): Option[T] = { val local = 1; None }\n  \
         type Id = String\n}\nsealed trait Shape\n",
        &[
            "1 class Main",
            "2 constant Limit of Main",
            "3 class Point of Main",
            "4 method find of Main",
            "5 type Id of Main",
            "7 interface Shape",
        ],
    );
    finds(
        "a.dart",
        "const limit = 3;\nclass Users extends Base {\n  static const most = 4;\n  Users(this.a);\n  Users.named() : a = 1;\n  \
         @override\n  Future<List<T>> find<T>(String id) async {\n    if (id == 'x') { find(id); }\n    int local(int a) => a;\n    return [];\n  }\n  \
         int get size => 1;\n}\nenum Color { red, green }\ntypedef Done = void Function();\nvoid main() {}\nextension Sized on String { int twice() => 2; }\n",
        &[
            "1 constant limit",
            "2 class Users",
            "3 constant most of Users",
            "7 method find of Users",
            "9 function local",
            "12 method size of Users",
            "14 enum Color",
            "14 constant red of Color",
            "14 constant green of Color",
            "15 type Done",
            "16 function main",
            "17 class Sized",
            "17 method twice of Sized",
        ],
    );
}

#[test]
fn data_and_shells() {
    finds(
        "a.sql",
        "-- create table no\nCREATE TABLE IF NOT EXISTS shop.\"users\" (id int);\ncreate or replace function go() returns int as $$ $$;\n\
         CREATE UNIQUE INDEX by_name ON users (name);\n",
        &["2 type users", "3 function go", "4 definition by_name"],
    );
    finds(
        "a.graphql",
        "\"\"\"type No\"\"\"\ntype User implements Node { id: ID! }\nenum Role { ADMIN, GUEST }\nextend type Query { a: Int }\nquery Find { a }\n",
        &[
            "2 class User",
            "3 enum Role",
            "3 constant ADMIN of Role",
            "3 constant GUEST of Role",
            "5 function Find",
        ],
    );
    finds(
        "a.proto",
        "message User { enum Kind { NONE = 0; } string name = 1; }\nservice Users { rpc Find(Id) returns (User); }\n",
        &[
            "1 class User",
            "1 enum Kind of User",
            "1 constant NONE of Kind",
            "2 interface Users",
            "2 method Find of Users",
        ],
    );
    finds(
        "run.sh",
        "go() {\n  cat <<EOF\nno() {\nEOF\n  echo \"$(x \"a()\")\" # no() {\n}\nfunction stop-it {\n  :\n}\ncall ()\n{ :; }\n",
        &["1 function go", "7 function stop-it", "10 function call"],
    );
    finds("deploy", "#!/usr/bin/env bash\nrun() { :; }\n", &["2 function run"]);
    finds(
        "a.tf",
        "resource \"aws_vpc\" \"main\" {\n  variable = \"x\"\n}\nvariable \"region\" {}\n",
        &["1 definition main of aws_vpc", "4 constant region"],
    );
}

#[test]
fn other_languages_are_read_line_by_line() {
    finds("a.lua", "function go()\nend\n", &["1 function go"]);
}

#[test]
fn minified_code_defines_nothing_far_along_its_line() {
    let text = format!("{}function far(){{}}", "a=1;".repeat(1000));
    finds("a.js", &text, &[]);
}

#[test]
fn kinds_keep_their_numbers() {
    for (number, kind) in KINDS.iter().enumerate() {
        assert_eq!(usize::from(kind.number()), number);
        assert_eq!(Kind::of_number(number as u8), Some(*kind));
    }
    assert_eq!(Kind::of_number(15), None);
}

/// Pieces that mean something to one scanner or another.
const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    "=>",
    "->",
    "::",
    ":",
    ";",
    ",",
    ".",
    "=",
    "\n",
    " ",
    "\"",
    "'",
    "`",
    "\"\"\"",
    "'''",
    "${",
    "#{",
    "\\(",
    "\\",
    "/*",
    "*/",
    "//",
    "#",
    "#if",
    "#else",
    "#endif",
    "#define X",
    "class",
    "struct",
    "enum",
    "fn",
    "func",
    "fun",
    "def",
    "function",
    "interface",
    "type",
    "trait",
    "impl",
    "const",
    "val",
    "static final",
    "new",
    "namespace",
    "record",
    "delegate",
    "operator",
    "typedef",
    "template",
    "case",
    "object",
    "extension",
    "a",
    "Foo",
    "b1",
    "<<EOF",
    "<<<X",
    "EOF",
    "%w[",
    "~r/",
    "/",
    "<p>",
    "</p>",
    "<?php",
    "?>",
    "r#\"",
    "R\"x(",
    "$\"",
    "@\"",
    "create table",
    "@",
    "*",
    "é",
];

const PATHS: &[&str] = &[
    "a.py",
    "a.ts",
    "a.tsx",
    "a.java",
    "a.kt",
    "a.cs",
    "a.go",
    "a.rs",
    "a.rb",
    "a.php",
    "a.c",
    "a.swift",
    "a.scala",
    "a.ex",
    "a.dart",
    "a.sql",
    "a.graphql",
    "a.proto",
    "a.sh",
    "a.tf",
    "a.vue",
    "a.astro",
    "a.x",
];

fn holds_up(path: &str, text: &[u8]) {
    let lines = memchr::memchr_iter(b'\n', text).count() + 1;
    Scanner::default().for_each(path.as_bytes(), text, &mut |it| {
        assert!(!it.name.is_empty() && it.line >= 1 && it.line as usize <= lines, "{path} {it:?}");
    });
}

proptest! {
    #[test]
    fn nothing_makes_a_scanner_fail(
        pieces in proptest::collection::vec(0..PIECES.len(), 0..60),
        apart in any::<bool>(),
    ) {
        let text: Vec<&str> = pieces.iter().map(|it| PIECES[*it]).collect();
        let text = text.join(if apart { " " } else { "" });
        for path in PATHS {
            holds_up(path, text.as_bytes());
        }
    }

    #[test]
    fn nor_do_any_bytes(text in proptest::collection::vec(any::<u8>(), 0..300)) {
        for path in PATHS {
            holds_up(path, &text);
        }
    }
}

#[test]
fn depth_and_length_are_no_danger() {
    let many = 6_000;
    for path in PATHS {
        for piece in [
            "{",
            "(",
            "<",
            "a<",
            "${",
            "`${",
            "\"${",
            "\"#{",
            "<p>{",
            "class A {",
            "new A() {",
            "/*",
            "#if\n",
            "<<A\n",
            "a,",
            "x=>",
            "f(a<b,",
            "type A<",
            "A::",
            "def a\n",
            "[",
            "fn a(",
            "int a(",
            "\"\\(",
            "case a,",
            "typedef ",
            "const a=",
            "a:{",
            "@a(",
            "template<",
            "enum class A{",
            "enum A{",
            "interface A{",
            "type A interface{\n",
            "const (\n",
            "#define A(\n",
            "x = {\n",
            "a ? b : ",
            "A<B>::c(",
            "(a:",
        ] {
            holds_up(path, piece.repeat(many / piece.len()).as_bytes());
        }
    }
}
