// Files that the server makes: fetched, so that a refusal is told in words, then kept under the name that it gives.
import { Refused } from "./client";

/** Take a file and save it.
 * @throws Refused: the server does not give it. */
export async function saveFile(path: string, query: Record<string, string>): Promise<void> {
  const response = await fetch(`/api/v1${path}?${new URLSearchParams(query)}`).catch(() => {
    throw new Refused(0, "unreachable", "");
  });
  if (!response.ok) {
    const told = (await response.json().catch(() => ({}))) as { error_id?: string; message?: string };
    throw new Refused(response.status, told.error_id ?? "error", told.message ?? "");
  }
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = nameOf(response.headers.get("Content-Disposition") ?? "");
  link.click();
  URL.revokeObjectURL(url);
}

function nameOf(told: string): string {
  const coded = /filename\*=UTF-8''([^;]+)/.exec(told)?.[1];
  return coded ? decodeURIComponent(coded) : (/filename="([^"]+)"/.exec(told)?.[1] ?? "download");
}
