// What a part of the system says of itself, in words; what is not known shows as it is.
import { fill, word, words } from "../../words";

const FREE = /^(\d+) MB free$/;

export function detailOf(told: string): string {
  const table = words.value.board.part_details;
  const free = FREE.exec(told)?.[1];
  return free ? fill(table["MB free"]!, { n: (Number(free) / 1024).toFixed(1) }) : word(table, told);
}
