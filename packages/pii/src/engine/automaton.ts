/** A compiled set of literals: one transition per character, all literals at once (Aho and Corasick, 1975). */
export interface Automaton {
  /** Column of each ASCII character. */
  readonly columns: Uint8Array;
  /** Next state, already multiplied by the width of a row, at `state + column`. */
  readonly next: Uint16Array | Uint32Array;
  readonly width: number;
  /** States at or above this one end a literal or are a digit. */
  readonly hot: number;
  /** States at or above this one end a literal; the hot ones below are only a digit. */
  readonly literal: number;
  /** For each state that ends a literal, in order, the indices of those literals. */
  readonly outputs: readonly (readonly number[])[];
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

interface Node {
  readonly next: Map<number, number>;
  readonly out: number[];
  fail: number;
  hot: boolean;
}

/**
 * Compiles literals without regard to the case of ASCII letters. Every digit leads to a hot state, so that the scanner
 * stops at numbers without a literal of their own.
 *
 * @throws TypeError when a literal is empty or has a character outside ASCII.
 */
export function compileLiterals(literals: readonly string[]): Automaton {
  const folded = literals.map((literal) => literal.toLowerCase());
  const columns = new Uint8Array(128);
  let width = 1;
  const columnOf = (code: number): number => {
    const known = columns[code] ?? 0;
    if (known !== 0) return known;
    const column = width;
    width += 1;
    columns[code] = column;
    if (code >= 97 && code <= 122) columns[code - 32] = column;
    return column;
  };
  const nodes: Node[] = [{ next: new Map(), out: [], fail: 0, hot: false }];
  const put = (codes: readonly number[], out: number | undefined): void => {
    let at = 0;
    for (const code of codes) {
      const column = columnOf(code);
      let to = nodes[at]!.next.get(column);
      if (to === undefined) {
        to = nodes.length;
        nodes.push({ next: new Map(), out: [], fail: 0, hot: isDigit(code) });
        nodes[at]!.next.set(column, to);
      }
      at = to;
    }
    if (out === undefined) return;
    nodes[at]!.out.push(out);
    nodes[at]!.hot = true;
  };
  for (let digit = 48; digit <= 57; digit += 1) put([digit], undefined);
  for (const [index, literal] of folded.entries()) {
    if (!/^[\x20-\x7e]+$/u.test(literal))
      throw new TypeError(`An anchor must be printable ASCII, got ${JSON.stringify(literal)}`);
    put(
      Array.from(literal, (char) => char.charCodeAt(0)),
      index,
    );
  }
  const rows = link(nodes, width);
  return pack(nodes, rows, columns, width);
}

/** Turns the trie into a total function by following failure links breadth first. */
function link(nodes: Node[], width: number): Int32Array {
  const rows = new Int32Array(nodes.length * width);
  const queue: number[] = [];
  for (const [column, to] of nodes[0]!.next) {
    rows[column] = to;
    queue.push(to);
  }
  for (let head = 0; head < queue.length; head += 1) {
    const at = queue[head]!;
    const node = nodes[at]!;
    const fallback = nodes[node.fail]!;
    if (fallback.hot) node.hot = true;
    node.out.push(...fallback.out);
    for (let column = 0; column < width; column += 1) {
      const viaFail = rows[node.fail * width + column]!;
      const own = node.next.get(column);
      if (own === undefined) {
        rows[at * width + column] = viaFail;
        continue;
      }
      nodes[own]!.fail = viaFail;
      rows[at * width + column] = own;
      queue.push(own);
    }
  }
  return rows;
}

const heat = (node: Node): number => (node.out.length > 0 ? 2 : node.hot ? 1 : 0);

/** Renumbers the states so that the hot ones come last: one comparison then tells them apart. */
function pack(nodes: readonly Node[], rows: Int32Array, columns: Uint8Array, width: number): Automaton {
  const order = [...nodes.keys()].sort((a, b) => heat(nodes[a]!) - heat(nodes[b]!) || a - b);
  const place = new Int32Array(nodes.length);
  for (const [index, node] of order.entries()) place[node] = index;
  const size = nodes.length * width;
  const next = size <= 0xffff ? new Uint16Array(size) : new Uint32Array(size);
  for (const [index, node] of order.entries()) {
    for (let column = 0; column < width; column += 1) {
      next[index * width + column] = place[rows[node * width + column]!]! * width;
    }
  }
  const cold = order.findIndex((node) => nodes[node]!.hot);
  const literal = order.findIndex((node) => nodes[node]!.out.length > 0);
  const firstLiteral = literal < 0 ? order.length : literal;
  return {
    columns,
    next,
    width,
    hot: cold * width,
    literal: firstLiteral * width,
    outputs: order.slice(firstLiteral).map((node) => nodes[node]!.out),
  };
}
