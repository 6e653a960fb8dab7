// Writes src/api/roles.json from docs/roles.md: {"GET /api/batches": {"admin": "yes", "user": "own"}}; "-" is left out.
import { readFileSync, writeFileSync } from "node:fs";

const rules = {};
let roles = [];
for (const line of readFileSync("../docs/roles.md", "utf8").split("\n")) {
  const cells = line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
  if (cells.length < 2 || (cells[1].startsWith("-") && cells[1].length > 1)) continue;
  if (cells[0] === "") roles = cells.slice(1);
  else if (/^[A-Z]+ \//.test(cells[0]))
    rules[cells[0]] = Object.fromEntries(
      roles.map((role, i) => [role, cells[i + 1]]).filter(([, rule]) => rule !== "-"),
    );
}
if (Object.keys(rules).length < 50) throw new Error("docs/roles.md has no table of roles");
writeFileSync("src/api/roles.json", `${JSON.stringify(rules, null, 1)}\n`);
