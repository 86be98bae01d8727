/** Looks into a journal while another process writes it. */
import { existsSync } from "node:fs";
import Database from "libsql";

/** Replies on disk; none where the file is not there, or has no tables yet. */
export function countReplies(path: string): number {
  if (!existsSync(path)) return 0;
  const database = new Database(path, { timeout: 1000 });
  try {
    return (database.prepare("SELECT count(*) AS count FROM replies").get() as { count: number }).count;
  } catch {
    return 0;
  } finally {
    database.close();
  }
}
