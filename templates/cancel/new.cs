<?cs include:"macros.cs" ?><?cs set:Title = "证书注销" ?><?cs def:intro() ?>系统将查询该人员在本企业的有效电子证书。查询之后再选择要注销的证书和注销原因。<?cs /def ?><?cs
def:more() ?><?cs /def ?><?cs include:"_box.cs" ?><?cs include:"layout.cs" ?>
