<?cs include:"macros.cs" ?><?cs set:Title = "企业隶属关系变更" ?><?cs def:intro() ?>将该人员在其他企业的电子证书转入本企业。系统将查询其证书，并核对哪些可以转入。<?cs /def ?><?cs
def:more() ?><?cs /def ?><?cs include:"_box.cs" ?><?cs include:"layout.cs" ?>
