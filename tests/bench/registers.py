"""Firms and people of the benchmarks' own, as the CSV files of an operator. All of them are fictional;
check digits are right."""
from datetime import date, timedelta

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英建国"


def weigh(text, weights, value):
    return sum(value(c) * w for c, w in zip(text, weights))


def uscc(number):
    body = f"91310115MB{number:07d}"
    return body + ALPHABET[-weigh(body, USCC_WEIGHTS, ALPHABET.index) % 31]


def birth(number):
    return date(1975, 1, 1) + timedelta(days=number % 7000)


def id_no(number):
    """A man's."""
    body = f"{310101 + number // 7000 % 100}{birth(number):%Y%m%d}{number // 700000 % 500 * 2 + 1:03d}"
    return body + "10X98765432"[weigh(body, ID_WEIGHTS, int) % 11]


def name(number):
    return SURNAMES[number % len(SURNAMES)] + GIVEN[number // 7 % len(GIVEN)] + GIVEN[number // 3 % len(GIVEN)]


def write(path, header, rows):
    with open(path, "w", encoding="utf-8") as f:
        f.write(header + "\n")
        f.writelines(row + "\n" for row in rows)
    return path


def firms_file(path, numbers):
    return write(path, "uscc,name,region,province,legal_rep_name,legal_rep_id_type,legal_rep_id_no,phone",
                 (f"{uscc(n)},上海测速建设{n}有限公司,local,沪,{name(n)},111,{id_no(n)}," for n in numbers))


def people_file(path, numbers, photo=""):
    return write(path, "id_type,id_no,name,sex,birth,education,technical_title,phone,photo",
                 (f"111,{id_no(n)},{name(n)},1,{birth(n)},03,03,,{photo}" for n in numbers))
