"""Our SQL in DuckDB's dialect -> the same in Spark's: what sqlglot translates by itself, and what it needs told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError

from funnelcheck.cluster import macros, regex
from funnelcheck.errors import RuleError

Node = Any  # of a tree of sqlglot
Ask = Callable[[str], Any]


def translated(tree: Node, parameters: Mapping[str, Any], ask: Ask) -> str:
    """One query for Spark; RuleError where it cannot be said there.

    `ask`: the value that a small query comes to at home, and the names of a table's columns for `describe TABLE`.
    """
    tree = macros.expanded(tree)
    _answer(tree, ask)
    tree = tree.transform(lambda node: _value(node, parameters))
    _expand_replace(tree, ask)
    for select in list(tree.find_all(exp.Select)):
        _say_whose(select, tree, ask)
        _zip_unnests(select)
        _put_asof(select)
    tree = _bottom_up(tree)
    try:
        return str(tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE))
    except SqlglotError as error:
        raise RuleError(f"this cannot be said to Spark: {error}") from error


def literal(value: Any) -> Node:
    """A value of Python as Spark writes it."""
    if value is None:
        return exp.null()
    if isinstance(value, bool):
        return exp.true() if value else exp.false()
    if isinstance(value, int):
        return exp.cast(exp.Literal.number(value), "bigint")
    if isinstance(value, float):
        return exp.cast(exp.Literal.string(repr(value)), "double")
    if isinstance(value, list):
        return exp.array(*map(literal, value), dialect="spark")
    if isinstance(value, dict):
        return exp.Map(keys=literal(list(value)), values=literal(list(value.values())))
    return exp.Literal.string(str(value))


def _value(node: Node, parameters: Mapping[str, Any]) -> Node:
    if not isinstance(node, exp.Placeholder):
        return node
    if isinstance(node.parent, exp.ArgMin | exp.ArgMax):
        return exp.Literal.number(int(parameters[node.name]))
    return literal(parameters[node.name])


def _bottom_up(tree: Node) -> Node:
    """Every node in Spark's words, the innermost first."""
    for node in list(tree.dfs())[::-1]:
        told = _TOLD.get(type(node))
        if told is None:
            continue
        new = told(node)
        if new is not node:
            if node is tree:
                tree = new
            else:
                node.replace(new)
    return tree


def _call(name: str, *given: Node) -> Node:
    return exp.Anonymous(this=name, expressions=list(given))


def _number(value: int) -> Node:
    return exp.Literal.number(value)


def _lambda(body: Node, *names: str) -> Node:
    return exp.Lambda(this=body, expressions=[exp.to_identifier(name) for name in names])


# ---- what stands in a from


def _answer(tree: Node, ask: Ask) -> None:
    """Queries inside a function that takes a lambda: there Spark allows none, and ours read what is small."""
    for function in list(tree.find_all(exp.ArrayFilter, exp.Transform)):
        for query in list(function.find_all(exp.Subquery)):
            if not isinstance(query.parent, exp.From | exp.Join):
                query.replace(literal(ask(query.this.sql(dialect="duckdb"))))


def _expand_replace(tree: Node, ask: Ask) -> None:
    """`* replace (…)` of one table: Spark has no such thing, so that its columns are named."""
    for star in list(tree.find_all(exp.Star)):
        replaced = {one.alias: one for one in star.args.get("replace") or star.args.get("replace_") or ()}
        if not replaced:
            continue
        select = star.find_ancestor(exp.Select)
        table = select.args["from_"].this.name
        left_out = {one.name for one in star.args.get("except_") or ()}
        names = [name for name in ask(f"describe {table}") if name not in left_out]
        told = [replaced.get(name, exp.column(name)) for name in names]
        i = select.expressions.index(star)
        select.set("expressions", [*select.expressions[:i], *told, *select.expressions[i + 1 :]])


def _say_whose(select: exp.Select, tree: Node, ask: Ask) -> None:
    """A column of a `using` is that of the first table that has it, though one that is joined `on` has it too."""
    joins = select.args.get("joins") or ()
    shared = {column.name for join in joins for column in join.args.get("using") or ()}
    if not shared or not any(join.args.get("on") for join in joins) or any(join.side == "FULL" for join in joins):
        return
    sources = [select.args["from_"].this, *(join.this for join in joins if join.kind not in ("SEMI", "ANTI"))]
    known = [(source.alias_or_name, _columns(source, tree, ask)) for source in sources]
    for column in list(select.find_all(exp.Column)):
        is_own = column.find_ancestor(exp.Select) is select and not isinstance(column.parent, exp.Star)
        if is_own and not column.table and column.name in shared:
            owner = next((name for name, columns in known if column.name in columns), None)
            if owner:
                column.set("table", exp.to_identifier(owner))


def _columns(source: Node, tree: Node, ask: Ask) -> Sequence[str]:
    """The names of a table's columns, of a query's with a name, or of one without."""
    query = next((cte.this for cte in tree.find_all(exp.CTE) if cte.alias == source.name), source)
    return list(ask(f"describe {source.name}") if isinstance(query, exp.Table) else query.named_selects)


def _zip_unnests(select: exp.Select) -> None:
    """Several lists that are unnested side by side."""
    several = [one for one in select.expressions if isinstance(one, exp.Alias) and isinstance(one.this, exp.Explode)]
    if len(several) < 2:
        return
    lists = _call("arrays_zip", *(one.this.this.copy() for one in several))
    lateral = exp.Lateral(
        this=_call("inline", lists),
        view=True,
        alias=exp.TableAlias(
            this=exp.to_identifier("zipped"), columns=[exp.to_identifier(one.alias) for one in several]
        ),
    )
    select.append("laterals", lateral)
    select.set(
        "expressions", [one if one not in several else exp.column(one.alias, "zipped") for one in select.expressions]
    )


def _put_asof(select: exp.Select) -> None:
    """An asof join as a lateral one: of the rows that fit the one nearest to the side with the inequality."""
    for join in select.args.get("joins") or ():
        if join.method != "ASOF":
            continue
        name, condition = join.this.alias_or_name, join.args["on"]
        [near] = condition.find_all(exp.GT, exp.GTE, exp.LT, exp.LTE)
        is_right = any(column.table == name for column in near.expression.find_all(exp.Column))
        place = near.expression if is_right else near.this
        is_latest = is_right is isinstance(near, exp.GT | exp.GTE)
        order = exp.Ordered(this=place.copy(), desc=is_latest, nulls_first=False)
        rows = exp.select("*").from_(join.this.copy()).where(condition.copy()).order_by(order).limit(1)
        lateral = exp.Lateral(this=exp.Subquery(this=rows), alias=exp.TableAlias(this=exp.to_identifier(name)))
        join.replace(exp.Join(this=lateral, side=join.side, on=exp.true()))


# ---- functions


def _agg_parts(node: Node) -> tuple[Node, Node | None]:
    """The aggregate with its filter, and that filter's condition."""
    if isinstance(node.parent, exp.Filter):
        return node.parent, node.parent.expression.this
    return node, None


def _filtered(aggregate: Node, condition: Node | None) -> Node:
    if condition is None:
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=condition.copy()))


def _ordered_list(value: Node, keys: Sequence[exp.Ordered], condition: Node | None) -> Node:
    """All values of a group, nulls too, in an order."""
    fields = [exp.alias_(value.copy(), "v"), *(exp.alias_(key.this.copy(), f"k{i}") for i, key in enumerate(keys))]
    collected = _filtered(_call("collect_list", _call("struct", *fields)), condition)
    if keys:
        collected = _call("array_sort", collected, _lambda(_compared(keys), "l", "r"))
    return _call("transform", collected, _lambda(exp.column("v", "e"), "e"))


def _compared(keys: Sequence[exp.Ordered], i: int = 0) -> Node:
    if i == len(keys):
        return _number(0)
    left, right = exp.column(f"k{i}", "l"), exp.column(f"k{i}", "r")
    before, behind = (1, -1) if keys[i].args.get("desc") else (-1, 1)
    nulls = -1 if keys[i].args.get("nulls_first") else 1
    return (
        exp.Case()
        .when(exp.NullSafeEQ(this=left.copy(), expression=right.copy()), _compared(keys, i + 1))
        .when(left.copy().is_(exp.null()), _number(nulls))
        .when(right.copy().is_(exp.null()), _number(-nulls))
        .when(exp.LT(this=left, expression=right), _number(before))
        .else_(_number(behind))
    )


def _where_any(told: Node, condition: Node | None) -> Node:
    """Null where a group has no row, as DuckDB has it."""
    rows = _filtered(exp.Count(this=exp.Star()), condition)
    return exp.Case().when(exp.GT(this=rows, expression=_number(0)), told)


def _put(outer: Node, node: Node, new: Node) -> Node:
    """The new expression in the place of an aggregate and its filter."""
    if outer is node:
        return new
    # the filter is met next, on the way out, and gives way to what is kept in it
    outer.set("this", new)
    outer.set("expression", None)
    outer.set("done", True)
    return node


def _filter(node: Node) -> Node:
    return node.this if node.args.get("done") else node


def _array_agg(node: Node) -> Node:
    outer, condition = _agg_parts(node)
    value, keys, distinct = node.this, [], False
    if isinstance(value, exp.Order):
        value, keys = value.this, value.expressions
    if isinstance(value, exp.Distinct):
        [value], distinct = value.expressions, True
    told = _ordered_list(value, keys, condition)
    if distinct:
        told = _call("array_distinct", told)
    return _put(outer, node, _where_any(told, condition))


def _first(node: Node) -> Node:
    outer, condition = _agg_parts(node)
    if not isinstance(node.this, exp.Order):
        raise RuleError("first() without an order is another row each time")
    told = _call("try_element_at", _ordered_list(node.this.this, node.this.expressions, condition), _number(1))
    return _put(outer, node, told)


def _arg(name: str) -> Callable[[Node], Node]:
    def told(node: Node) -> Node:
        outer, condition = _agg_parts(node)
        value, by, count = node.this, node.expression, node.args.get("count")
        known = value.copy().is_(exp.null()).not_()
        condition = known if condition is None else exp.and_(condition.copy(), known)
        if count is not None:
            keys = [exp.Ordered(this=by, desc=name == "max_by", nulls_first=False)]
            return _put(outer, node, _call("slice", _ordered_list(value, keys, condition), _number(1), count))
        return _put(outer, node, _filtered(_call(name, value.copy(), by.copy()), condition))

    return told


def _any_value(node: Node) -> Node:
    if not isinstance(node.this, exp.AnyValue):
        return node
    return _call("any_value", node.this.this.copy(), exp.true())


def _bracket(node: Node) -> Node:
    [index] = node.expressions
    if index.is_string:
        return exp.Dot(this=node.this.copy(), expression=exp.to_identifier(index.name))
    if isinstance(index, exp.Slice):
        start, end = index.this, index.expression
        if start is not None:
            raise RuleError("a slice that does not begin at the first")
        return _call("slice", node.this.copy(), _number(1), end.copy())
    if node.this.find(exp.Map):
        return _call("try_element_at", node.this.copy(), index.copy())
    place = _number(int(index.name) + 1) if index.is_int else index.copy()
    return _call("try_element_at", node.this.copy(), exp.cast(place, "int"))


def _array(node: Node) -> Node:
    if len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Comprehension):
        one = node.expressions[0]
        name = one.expression.name
        source = one.args["iterator"].copy()
        if one.args.get("condition") is not None:
            source = _call("filter", source, _lambda(one.args["condition"].copy(), name))
        return _call("transform", source, _lambda(one.this.copy(), name))
    return node


def _tuple(node: Node) -> Node:
    if isinstance(node.parent, exp.In | exp.Group | exp.GroupingSets | exp.Cube | exp.Rollup):
        return node
    return _call("struct", *(one.copy() for one in node.expressions))


def _pattern(node: Node) -> Node:
    """A pattern for Java: a text, or several with a column's value between."""

    def told(part: Node) -> Node:
        if isinstance(part, exp.Literal) and part.is_string:
            return exp.Literal.string(regex.for_java(part.this))
        return part

    return node.copy().transform(told)


def _around(before: str, node: Node, behind: str) -> Node:
    pattern = _pattern(node)
    if isinstance(pattern, exp.Literal):
        return exp.Literal.string(f"{before}{pattern.this}{behind}")
    parts = [exp.Literal.string(before), exp.paren(pattern), exp.Literal.string(behind)]
    return _call("concat", *parts)


def _full_match(node: Node) -> Node:
    return _call("rlike", node.this.copy(), _around(r"(?d)\A(?:", node.expression, r")\z"))


def _matches(node: Node) -> Node:
    return _call("rlike", node.this.copy(), _around("(?d)", node.expression, ""))


def _extract(node: Node) -> Node:
    group = node.args.get("group") or _number(0)
    return _call("regexp_extract", node.this.copy(), _around("(?d)", node.expression, ""), group.copy())


def _extract_all(node: Node) -> Node:
    group = node.args.get("group") or _number(0)
    return _call("regexp_extract_all", node.this.copy(), _around("(?d)", node.expression, ""), group.copy())


def _regexp_replace(node: Node) -> Node:
    """Spark replaces all; what is to be replaced once must be bound to an end of the text."""
    pattern, modifiers = node.expression, node.args.get("modifiers")
    if modifiers is None or "g" not in modifiers.name:
        bound = isinstance(pattern, exp.Literal) and (pattern.name.startswith("^") or pattern.name.endswith("$"))
        if not bound:
            raise RuleError("regexp_replace of the first match alone")
    text = exp.Literal.string(regex.replacement(node.args["replacement"].name))
    return _call("regexp_replace", node.this.copy(), _around("(?d)", pattern, ""), text)


def _anonymous(node: Node) -> Node:
    name = str(node.this).lower()
    if name == "timezone":
        zone, moment = node.expressions
        if isinstance(moment, exp.UnixToTime):
            seconds = exp.cast(moment.this.copy(), "bigint")
            return _call("from_utc_timestamp", _call("timestamp_seconds", seconds), zone.copy())
        raise RuleError("timezone() of anything but to_timestamp(seconds)")
    if name == "to_json" and len(node.expressions) == 1:
        options = _call("map", exp.Literal.string("ignoreNullFields"), exp.Literal.string("false"))
        return _call("to_json", node.expressions[0].copy(), options)
    if name == "regexp_split_to_array":
        text, pattern = node.expressions
        return _call("split", text.copy(), _around("(?d)", pattern, ""), _number(-1))
    return node


def _cast(node: Node) -> Node:
    kind = node.args["to"].this
    if kind == exp.DataType.Type.TIME:
        return (
            node.this.copy()
            if isinstance(node.this, exp.Literal)
            else _call("date_format", node.this.copy(), exp.Literal.string("HH:mm:ss"))
        )
    return node


def _type(node: Node) -> Node:
    if node.this in (exp.DataType.Type.INT128, exp.DataType.Type.UINT128):
        return exp.DataType.build("decimal(38, 0)")
    return exp.DataType.build("text") if node.this == exp.DataType.Type.JSON else node


def _mode(node: Node) -> Node:
    outer, condition = _agg_parts(node)
    if not isinstance(node.this, exp.Order):
        raise RuleError("mode() without an order is another value each time")
    return _put(outer, node, _filtered(_call("mode", node.this.this.copy(), exp.true()), condition))


def _grouping(node: Node) -> Node:
    """A bit for each column, the first one the highest; Spark's grouping_id wants all columns of the group."""
    told: Node | None = None
    for column in node.expressions:
        bit = _call("grouping", column.copy())
        told = (
            bit if told is None else exp.Add(this=exp.Mul(this=exp.paren(told), expression=_number(2)), expression=bit)
        )
    return exp.paren(told, copy=False) if told else node


def _percentile(node: Node) -> Node:
    order = exp.Order(expressions=[exp.Ordered(this=node.this.copy(), nulls_first=False)])
    return exp.WithinGroup(this=_call("percentile_disc", node.expression.copy()), expression=order)


def _union(node: Node) -> Node:
    """Spark knows no union by name; ours name the same columns in the same order."""
    if node.args.get("by_name"):
        if node.left.named_selects != node.right.named_selects:
            raise RuleError("a union by name of columns in another order")
        node.set("by_name", None)
    return node


def _cte(node: Node) -> Node:
    node.set("materialized", None)
    return node


_TOLD: dict[type[Node], Callable[[Node], Node]] = {
    exp.ArrayAgg: _array_agg,
    exp.First: _first,
    exp.ArgMax: _arg("max_by"),
    exp.ArgMin: _arg("min_by"),
    exp.Filter: _filter,
    exp.IgnoreNulls: _any_value,
    exp.Bracket: _bracket,
    exp.Array: _array,
    exp.Tuple: _tuple,
    exp.RegexpFullMatch: _full_match,
    exp.RegexpLike: _matches,
    exp.RegexpExtract: _extract,
    exp.RegexpExtractAll: _extract_all,
    exp.RegexpReplace: _regexp_replace,
    exp.Anonymous: _anonymous,
    exp.Cast: _cast,
    exp.DataType: _type,
    exp.Grouping: _grouping,
    exp.GroupingId: _grouping,
    exp.PercentileDisc: _percentile,
    exp.Union: _union,
    exp.CTE: _cte,
    exp.Mode: _mode,
    exp.ArrayOverlaps: lambda node: _call("arrays_overlap", node.this.copy(), node.expression.copy()),
}
