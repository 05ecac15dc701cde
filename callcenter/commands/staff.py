"""``callcenter staff``: the people of the hotline. Their phones are shown masked."""

from typing import Annotated, Literal

import typer

from callcenter.commands import shift_screens as screens
from callcenter.commands.desk import FirstByDefault
from callcenter.commands.screens import print_json
from callcenter.commands.shifts import File, Json, Why, ask, console, read_file, upload

Number = Annotated[str, typer.Argument(help="工号 / staff number")]

staff_app = typer.Typer(
    cls=FirstByDefault,
    help="人员 / staff: list, import by spreadsheet, add, deactivate",
    epilog="Example: callcenter staff import 人员.xlsx --dry-run",
)


@staff_app.command("list", epilog="Example: callcenter staff list --all")
def staff_list(
    all_: Annotated[bool, typer.Option("--all", help="含已停用 / also who is not active")] = False,
    json: Json = False,
) -> None:
    """人员名单 / the staff, phones masked; what runs without a command."""
    people = ask(lambda client: client.staff(all_))
    if json:
        print_json(people)
    else:
        screens.print_staff(console, people)


@staff_app.command("import", epilog="Example: callcenter staff import 人员.xlsx --dry-run")
def staff_import(
    file: File,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查 / only check it")] = False,
    why: Why = "",
    json: Json = False,
) -> None:
    """导入人员 / add or change people by spreadsheet: 工号, 姓名, 类别, 电话, 坐席; all of it or nothing."""
    content, reason = read_file(file), why or f"导入 {file.name}"[:100]
    done = upload(lambda client: client.import_staff(content, dry_run, reason), json)
    if json:
        print_json(done)
        return
    what = "已导入 / imported" if done["applied"] else "无误，未导入 / no fault, nothing imported"
    console.print(f"{what}: {done['people']} 人 / people, 新增 / new {done['added']}", highlight=False)


@staff_app.command("add", epilog="Example: callcenter staff add 1001 张三 --kind cloud --phone 13800000001")
def staff_add(
    number: Number,
    name: Annotated[str, typer.Argument(help="姓名 / name")],
    kind: Annotated[
        Literal["on_site", "cloud", "guest"], typer.Option(help="现场、云坐席、嘉宾 / where he works")
    ] = "on_site",
    phone: Annotated[str, typer.Option(help="本人电话，云坐席邀请用 / his own, for invitations")] = "",
    seat: Annotated[str, typer.Option(help="固定坐席 / his seat; else any")] = "",
    why: Why = "",
) -> None:
    """登记或更改 / add or change one of the staff."""
    person = {
        "name": name,
        "kind": kind,
        "phone": phone,
        "seat_id": seat or None,
        "why": why or f"登记 {number}",
    }
    screens.print_staff(console, [ask(lambda client: client.keep_staff(number, person))])


@staff_app.command("deactivate", epilog="Example: callcenter staff deactivate 1001 --why 调离")
def staff_deactivate(number: Number, why: Why) -> None:
    """停用 / somebody works here no more; what he has done stays."""
    screens.print_staff(console, [ask(lambda client: client.deactivate_staff(number, why))])
