// The gate on file sizes: files read like a page. Median at most 160 lines, none over 600.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./run.mjs";

const MEDIAN = 160;
const LARGEST = 600;

const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.ts", "*.mjs"], {
  cwd: root,
  encoding: "utf8",
});
const files = listed.split("\n").filter((file) => file !== "" && existsSync(path.join(root, file)));
const lines = (file) => readFileSync(path.join(root, file), "utf8").split("\n").length - 1;

const sized = files.map((file) => ({ file, count: lines(file) })).toSorted((a, b) => b.count - a.count);
const source = sized.filter(({ file }) => file.startsWith("src/"));
const median = source[Math.floor(source.length / 2)]?.count ?? 0;
const tooLong = sized.filter(({ count }) => count > LARGEST);
const sum = (room) =>
  sized.filter(({ file }) => file.startsWith(room)).reduce((total, { count }) => total + count, 0);

console.log(`${source.length} source files, median ${median} lines, largest ${source[0]?.count ?? 0}`);
console.log(`test lines per source line: ${(sum("test/") / Math.max(1, sum("src/"))).toFixed(2)}`);
for (const { file, count } of tooLong) console.error(`${file} has ${count} lines; split it by meaning`);
if (median > MEDIAN) console.error(`the median of ${median} lines is above ${MEDIAN}`);
process.exit(tooLong.length > 0 || median > MEDIAN ? 1 : 0);
