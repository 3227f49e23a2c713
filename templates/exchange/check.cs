<?cs include:"macros.cs" ?><?cs set:Title = "核对纸质证书信息" ?><?cs def:content() ?><p class="back"><a href="/exchange/">返回列表</a></p>
<h1>核对纸质证书信息</h1>
<?cs if:Count > #0 ?><p class="lead">请核对以下 <?cs var:Count ?> 本纸质证书的信息和照片，电子证书将按此生成。</p>
<p class="note">信息或照片有误的，请不要换领，请联系管理部门处理。</p>
<?cs each:paper = Ready ?><section class="sheet"><h2><?cs var:paper.Name ?></h2>
<img src="/exchange/<?cs var:paper.Id ?>/photo" alt="<?cs var:paper.Name ?>的照片" width="105" height="140">
<dl>
<?cs call:fact("证书编号", paper.Number) ?><?cs call:fact("类别", paper.Class) ?><?cs call:fact("性别", paper.Sex) ?><?cs call:fact("出生日期", paper.Birth) ?><?cs call:fact(paper.IdType, paper.IdNumber) ?><?cs call:fact("企业名称", paper.Enterprise) ?><?cs call:fact("职务", paper.Post) ?><?cs call:fact("初次领证日期", paper.FirstIssued) ?><?cs call:term(paper.From, paper.Until) ?></dl></section>
<?cs /each ?><?cs /if ?><?cs if:?Refused.0.Id ?><h2>以下证书暂不能换领</h2>
<?cs each:paper = Refused ?><section class="sheet no"><h3><?cs var:paper.Name ?>　<?cs var:paper.Number ?></h3>
<?cs call:findings(paper.Findings) ?></section>
<?cs /each ?><?cs /if ?><?cs if:Count > #0 ?><form action="/exchange/confirm" class="actions" data-dialog><input type="hidden" name="seen" value="<?cs var:Seen ?>"><?cs each:paper = Ready ?><input type="hidden" name="paper" value="<?cs var:paper.Id ?>"><?cs /each ?><button class="button">确定</button><a class="button plain" href="/exchange/">返回</a></form>
<?cs else ?><p class="actions"><a class="button plain" href="/exchange/">返回</a></p>
<?cs /if ?><?cs /def ?><?cs include:"layout.cs" ?>
