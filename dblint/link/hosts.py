"""What link must know of the host languages themselves: their type notation (PEP 484 and TypeScript's library), and
the names to which they give a meaning."""

TRANSPARENT = frozenset(
    """Annotated Optional Final ClassVar Required NotRequired ReadOnly Awaitable Coroutine Promise PromiseLike
    Awaited NonNullable Partial Required Readonly Pick Omit InstanceType Mapped WriteOnlyMapped Generator
    AsyncGenerator ContextManager AsyncContextManager""".split()
)
"""Wrappers whose first argument is what a value of them holds."""

PARTIAL = frozenset({"Pick", "Omit"})
"""Those of them of which a value has some members only: the named ones, or the others."""

LISTS = frozenset(
    """list List set Set frozenset FrozenSet tuple Tuple Sequence Iterable Iterator AsyncIterable AsyncIterator
    Collection MutableSequence deque Array ReadonlyArray""".split()
)
"""Generic types whose first argument is their element."""

UNIONS = frozenset({"Literal", "Union"})
"""Generic types whose values are of one of their arguments, or one of their words."""

SUBSETS = frozenset({"Exclude", "Extract", "NonNullable"})
"""Generic types whose values are some of those of their first argument."""

CLASSES = frozenset({"type", "Type"})
"""`type[X]`: the class itself."""

NOTATION = frozenset({"typing_extensions"})
"""Packages of nothing but type notation."""

TYPE_VARIABLES = frozenset({"typing.TypeVar()", "typing_extensions.TypeVar()"})
"""What a written type variable is: it names no class."""

NEW_TYPES = frozenset({"typing.NewType", "typing_extensions.NewType"})
"""What gives a type of its own to the checkers: at run time its values are those of the type that it is given second
(Python documentation, `typing.NewType`)."""

CONSTRUCTORS = frozenset({"__init__", "constructor"})
"""Functions that are called by the name of their class."""

MISSING_MEMBER = "__getattr__"
"""The method that a Python class is asked for members that it does not have."""

CLASS_TESTS = frozenset({"isinstance"})
"""Python's functions that say whether a value is an instance of a class."""

ASSERTS = "assert"
"""Python's statement behind which its condition holds."""

READS_BY_NAME = "getattr"
"""Python's function that reads an attribute by its name."""

LOOKS_BY_NAME = "hasattr"
"""Python's function that says whether an object has an attribute of a name."""

SPLITS = "split"
"""The method of a text that takes it apart."""

SETTER = "setter"
"""The last word of the decorator of a Python property's setter."""

CALLED = "__call__"
"""The method by which a Python object is called like a function."""

CLASS_ATTRIBUTES = frozenset({"__class__"})
"""Attributes of every Python value that hold its class."""
SCRIPT_CLASS_ATTRIBUTES = frozenset({"constructor"})
"""The same in scripts."""

TEXT_METHODS = ("__str__",)
"""The methods of a Python value by which it becomes a text, the first that it has."""

UNTYPED = frozenset({"any", "unknown", "object", "Any"})
"""Types that say nothing of what a value is."""

ACTING = frozenset({"ftplib", "os", "shutil", "smtplib", "subprocess"})
"""Modules of Python's own library whose functions change something outside of the program."""

OPEN = "open"
"""Python's function that opens a file."""

FILE_METHODS = frozenset({"open", "read_bytes", "read_text"})
"""Methods of a path that open its file."""

PROPERTY_DECORATORS = frozenset({"property", "cached_property", "hybrid_property", "classproperty"})

ABSTRACT_DECORATORS = frozenset({"abstractmethod"})
"""Decorators of methods that subclasses have to write."""

PROTOTYPE = "prototype"
"""The attribute of a function that has the methods of what it makes."""
PROMISE = "Promise"
"""The class of what JavaScript waits for."""
BIND = "bind"
"""The method by which a function of JavaScript is made one of an object."""
REQUIRE, IMPORT = "require", "import"
"""The function of CommonJS that gives a module, and what gives one as modules of ECMAScript have it."""

GLOBALS = frozenset({"global", "globalThis"})
"""Names of the object of JavaScript that holds all globals."""

TIMERS = frozenset({"setTimeout"})
"""JavaScript's functions that call another one after some time."""

TRUTH = frozenset({"bool", "Boolean"})
"""Functions that give whether their argument counts as true."""

TOGETHER = {"any": "any", "some": "any", "all": "all", "every": "all"}
"""Functions and methods that put the truth of several values together → by which word."""

LENGTHS = frozenset({"len"})
"""Functions that count the elements of their argument."""

COUNTS = frozenset({"length", "size"})
"""Attributes that say how many elements something has."""

PARTS = frozenset({"keys", "values", "entries"})
"""Functions of JavaScript's `Object` that list what an object has."""

LOOKUPS = frozenset({"get"})
"""Methods of a mapping that give the value of a key."""

ENTRIES, ENTRY_VALUES = "items", "values"
"""Methods of a Python mapping that give its keys with their values, and its values alone."""

ENTERS = "setdefault"
"""The method of a Python mapping that gives the value of a key, and enters one where there is none."""

EMPTY_LISTS = frozenset({"list", "set", "deque"})
"""Python's classes of lists, which are empty where they are given nothing."""

EMPTY_MAPPINGS = frozenset({"dict", "defaultdict", "OrderedDict"})
"""Python's classes of mappings."""
MAIN = ("__name__", "__main__")
"""What a file of Python is called, and when it is the program that was started."""
